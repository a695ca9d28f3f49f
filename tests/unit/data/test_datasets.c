/* Opening data sets by name and by path, and what the public functions then say. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "convoy/dataset.h"
#include "data/dataset.h"
#include "convoy/dataset_files.h"
#include "formats/picture.h"
#include "unit/data/idx_files.h"

TestSuite(datasets, .init = make_folder, .fini = remove_folder);

static cvy_dataset *open_or_fail(const char *where)
{
    cvy_dataset *set = NULL;

    cr_assert(eq(int, cvy_dataset_open(where, 2, &set), CVY_OK), "%s", cvy_error_message());
    return set;
}

static void expect_refused(const char *where, cvy_status expected, const char *word)
{
    cvy_dataset *set = NULL;

    cr_expect(eq(int, cvy_dataset_open(where, 1, &set), expected), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    cr_expect(eq(ptr, set, NULL));
}

Test(datasets, opens_by_name_with_settings)
{
    cvy_dataset *set = open_or_fail("digits:train=30,test=20");
    cvy_dataset_info info = cvy_dataset_describe(set);

    cr_expect(eq(str, (char *)info.name, (char *)"digits"));
    cr_expect(eq(sz, info.train_count, 30));
    cr_expect(eq(sz, info.test_count, 20));
    cr_expect(eq(sz, info.class_count, 10));
    cr_expect(eq(str, (char *)cvy_dataset_class_name(set, 7), (char *)"7"));
    cvy_dataset_close(set);
    cvy_dataset_close(NULL);
}

Test(datasets, opens_a_folder_and_shows_its_images)
{
    write_small_set();
    cvy_dataset *set = open_or_fail(folder);
    cvy_dataset_info info = cvy_dataset_describe(set);

    cr_expect(eq(str, (char *)info.name, strrchr(folder, '/') + 1));
    cr_expect(eq(sz, info.height, 3));
    cr_expect(eq(sz, info.width, 2));
    cr_expect(eq(sz, info.channels, 1));
    cr_expect(eq(sz, cvy_dataset_label(set, CVY_SPLIT_TRAIN, 6), 2));
    cr_expect(eq(sz, cvy_dataset_label(set, CVY_SPLIT_TEST, 4), 1));
    cr_expect(eq(int, cvy_dataset_image(set, CVY_SPLIT_TRAIN, 11)[5], 71 * 7 % 256));
    cr_expect(eq(int, cvy_dataset_image(set, CVY_SPLIT_TEST, 1)[0], 6 * 7));
    cvy_dataset_close(set);
}

Test(datasets, says_what_it_knows)
{
    expect_refused("no/such/place", CVY_ERR_OPEN,
                   "neither a built-in data set (digits) nor an existing");
    expect_refused("no/such/place", CVY_ERR_OPEN, "digits");
    expect_refused("digts", CVY_ERR_OPEN, "\nDid you mean digits?");
    expect_refused("digts:train=30", CVY_ERR_OPEN, "\nDid you mean digits?");
    expect_refused("", CVY_ERR_SETTING, "found \"\", expected digits or a path");
    expect_refused("digits:tran=30", CVY_ERR_SETTING, "tran");
    expect_refused("digits:train=-1", CVY_ERR_SETTING, "train");
    expect_refused("idx", CVY_ERR_OPEN, "neither");
    expect_refused(folder, CVY_ERR_FORMAT, "an empty folder");
    write_file("notes.txt", "text", 4);
    expect_refused(folder, CVY_ERR_FORMAT, "IDX files");
    expect_refused(path_in_folder("notes.txt"), CVY_ERR_FORMAT, "not a data set");
}

/* The digest of the small set after `change` was made to its files. */
static void digest_after(void (*change)(void), char text[CVY_DIGEST_TEXT_BYTES])
{
    write_small_set();
    if (change != NULL)
        change();
    cvy_dataset *set = open_or_fail(folder);
    cr_assert(eq(int, cvy_dataset_digest(set, text), CVY_OK));
    cvy_dataset_close(set);
}

static void change_a_label(void)
{
    write_labels(TRAIN_LABELS, 12, 3, 12);
}

static void change_a_size(void)
{
    write_images(TRAIN_IMAGES, 12, 2, 3, 72);
    write_images(TEST_IMAGES, 5, 2, 3, 30);
}

static void change_a_pixel(void)
{
    FILE *file = fopen(path_in_folder(TEST_IMAGES), "r+b");

    fseek(file, -1, SEEK_END);
    fputc(1, file);
    fclose(file);
}

Test(datasets, digest_covers_sizes_pixels_and_labels)
{
    void (*const changes[])(void) = { change_a_label, change_a_size, change_a_pixel };
    char first[CVY_DIGEST_TEXT_BYTES], again[CVY_DIGEST_TEXT_BYTES];

    digest_after(NULL, first);
    digest_after(NULL, again);
    cr_expect(eq(str, first, again));
    cr_expect(eq(sz, strlen(first), 64));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        digest_after(changes[i], again);
        cr_expect(ne(str, first, again), "change %zu", i);
    }
}

Test(datasets, preview_shows_rows_of_classes)
{
    cvy_picture sheet;

    write_small_set();
    cvy_dataset *set = open_or_fail(folder);
    const char *path = path_in_folder("sheet.png");
    cr_assert(eq(int, cvy_dataset_preview(set, CVY_SPLIT_TRAIN, path, 4), CVY_OK));
    cr_assert(eq(int, cvy_picture_read(path, &sheet), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(sz, sheet.width, 2 + 4 * (2 + 2)));
    cr_assert(eq(sz, sheet.height, 2 + 4 * (3 + 2)));
    size_t row = 1, column = 2, index = 9; /* the third image of class 1 */
    for (size_t y = 0; y < 3; y++)
        for (size_t x = 0; x < 2; x++)
            cr_expect(eq(int, sheet.grey[(2 + row * 5 + y) * 18 + 2 + column * 4 + x],
                         cvy_dataset_image(set, CVY_SPLIT_TRAIN, index)[y * 2 + x]));
    cr_expect(eq(int, sheet.grey[7 * 18 + 2 + 3 * 4], sheet.grey[0])); /* there is no fourth */
    cvy_picture_free(&sheet);
    cr_expect(ne(int, cvy_dataset_preview(set, CVY_SPLIT_TEST, "/nowhere/sheet.png", 4), CVY_OK));
    cvy_dataset_close(set);
}

Test(datasets, opens_real_mnist)
{
    char text[CVY_DIGEST_TEXT_BYTES];

    if (real_mnist() == NULL)
        cr_skip_test("real MNIST is not here: set CONVOY_MNIST to its folder");
    cvy_dataset *set = open_or_fail(real_mnist());
    cvy_dataset_info info = cvy_dataset_describe(set);
    cr_expect(eq(sz, info.train_count, 60000));
    cr_expect(eq(sz, info.test_count, 10000));
    cr_expect(eq(sz, info.height, 28));
    cr_expect(eq(sz, info.width, 28));
    cr_expect(eq(sz, info.class_count, 10));
    cr_expect(eq(sz, cvy_dataset_label(set, CVY_SPLIT_TRAIN, 0), 5));
    cr_expect(eq(sz, cvy_dataset_label(set, CVY_SPLIT_TEST, 0), 7));
    cr_expect(eq(int, cvy_dataset_digest(set, text), CVY_OK));
    cvy_dataset_close(set);
}
