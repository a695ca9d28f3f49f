/* Contact sheets: their size, where each image stands, colours, and what is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "data/dataset.h"
#include "convoy/dataset_files.h"
#include "formats/picture.h"
#include "unit/data/idx_files.h"

enum { GAP = 2, GROUND = 96 };

TestSuite(preview, .init = make_folder, .fini = remove_folder);

/* Two classes of 2 x 1 images: 0 0 1 to train on, 1 to test with. Only what a preview looks at. */
static uint8_t pixels[4 * 2 * 3];
static uint16_t train_labels[] = { 0, 0, 1 }, test_labels[] = { 1 };

static cvy_dataset make_set(size_t channels)
{
    cvy_dataset set = { .height = 1, .width = 2, .channels = channels, .class_count = 2 };

    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(10 * (i + 1));
    set.train = (cvy_images){ .count = 3, .pixels = pixels, .labels = train_labels };
    set.test =
        (cvy_images){ .count = 1, .pixels = pixels + 3 * 2 * channels, .labels = test_labels };
    return set;
}

static cvy_picture write_and_read(const cvy_dataset *set, cvy_split split, size_t per_class)
{
    cvy_picture sheet = { 0 };
    const char *path = path_in_folder("sheet.png");

    cr_assert(eq(int, cvy_dataset_preview(set, split, path, per_class), CVY_OK), "%s",
              cvy_error_message());
    cr_assert(eq(int, cvy_picture_read(path, &sheet), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(sz, sheet.width, GAP + per_class * (2 + GAP)));
    cr_assert(eq(sz, sheet.height, GAP + 2 * (1 + GAP)));
    return sheet;
}

/* What stands in a cell: its first pixel, or the ground. */
static int cell(const cvy_picture *sheet, size_t row, size_t column)
{
    return sheet->grey[(GAP + row * (1 + GAP)) * sheet->width + GAP + column * (2 + GAP)];
}

Test(preview, puts_each_class_into_its_row)
{
    cvy_dataset set = make_set(1);
    cvy_picture sheet = write_and_read(&set, CVY_SPLIT_TRAIN, 3);

    cr_expect(eq(int, sheet.grey[0], GROUND));
    cr_expect(eq(int, cell(&sheet, 0, 0), 10));
    cr_expect(eq(int, cell(&sheet, 0, 1), 30));
    cr_expect(eq(int, cell(&sheet, 0, 2), GROUND)); /* there is no third */
    cr_expect(eq(int, cell(&sheet, 1, 0), 50));
    cr_expect(eq(int, cell(&sheet, 1, 1), GROUND));
    cvy_picture_free(&sheet);
}

Test(preview, shows_the_split_and_no_more_than_asked)
{
    cvy_dataset set = make_set(1);
    cvy_picture sheet = write_and_read(&set, CVY_SPLIT_TEST, 1);

    cr_expect(eq(int, cell(&sheet, 0, 0), GROUND));
    cr_expect(eq(int, cell(&sheet, 1, 0), 70));
    cvy_picture_free(&sheet);
    sheet = write_and_read(&set, CVY_SPLIT_TRAIN, 1);
    cr_expect(eq(int, cell(&sheet, 0, 0), 10));
    cvy_picture_free(&sheet);
}

Test(preview, shows_colours)
{
    cvy_dataset set = make_set(3);
    cvy_picture sheet = write_and_read(&set, CVY_SPLIT_TRAIN, 1);

    cr_expect(eq(int, cell(&sheet, 0, 0), (299 * 10 + 587 * 20 + 114 * 30 + 500) / 1000));
    cvy_picture_free(&sheet);
}

Test(preview, refuses_what_it_cannot_show)
{
    cvy_dataset set = make_set(2);
    const char *path = path_in_folder("sheet.png");

    cr_expect(eq(int, cvy_dataset_preview(&set, CVY_SPLIT_TRAIN, path, 1), CVY_ERR_UNSUPPORTED));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "1 or 3 channels, not 2"), NULL));
    set = make_set(1);
    set.width = set.height = 8192;
    cr_expect(eq(int, cvy_dataset_preview(&set, CVY_SPLIT_TRAIN, path, 1000), CVY_ERR_UNSUPPORTED));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "too large"), NULL));
    cr_expect(ne(int, access(path, F_OK), 0));
    set = make_set(1);
    cr_expect(eq(int, cvy_dataset_preview(&set, CVY_SPLIT_TRAIN, "/nowhere/at/all.png", 1),
                 CVY_ERR_OPEN));
}
