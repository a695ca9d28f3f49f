/* The contact sheet: a grid of cells with grey gaps around them. */
#include "data/preview.h"
#include "data/dataset.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "formats/picture.h"

enum { GAP = 2, GAP_LEVEL = 96, SHEET_BYTES_MAX = 1 << 28 };

typedef struct {
    cvy_dataset_info info;
    size_t width, height;  /* sheet size in pixels */
    unsigned char *pixels; /* [height][width][channels] */
    size_t *filled;        /* [class_count] cells in use in each row */
    size_t variants;       /* rows below each row of originals */
    cvy_preview_variant *make;
    void *context;
    unsigned char *variant; /* buffer for one image */
} contact_sheet;

static void draw_cell(contact_sheet *sheet, const unsigned char *image, size_t row, size_t column)
{
    size_t line_bytes = sheet->info.width * sheet->info.channels;
    size_t x = GAP + column * (sheet->info.width + GAP);
    size_t y = GAP + row * (sheet->info.height + GAP);

    for (size_t line = 0; line < sheet->info.height; line++)
        memcpy(sheet->pixels + ((y + line) * sheet->width + x) * sheet->info.channels,
               image + line * line_bytes, line_bytes);
}

/* Draw an original in the next cell of its class, with its variants below. */
static void draw_column(contact_sheet *sheet, const unsigned char *image, size_t index,
                        size_t label)
{
    const size_t row = label * (1 + sheet->variants), column = sheet->filled[label]++;

    draw_cell(sheet, image, row, column);
    for (size_t v = 1; v <= sheet->variants; v++) {
        sheet->make(sheet->context, index, v, sheet->variant);
        draw_cell(sheet, sheet->variant, row + v, column);
    }
}

static void draw_split(contact_sheet *sheet, const cvy_dataset *dataset, cvy_split split,
                       size_t per_class)
{
    const size_t count = cvy_dataset_count(dataset, split);
    size_t rows_open = sheet->info.class_count;

    for (size_t i = 0; i < count && rows_open > 0; i++) {
        size_t row = cvy_dataset_label(dataset, split, i);
        if (sheet->filled[row] == per_class)
            continue;
        draw_column(sheet, cvy_dataset_image(dataset, split, i), i, row);
        rows_open -= sheet->filled[row] == per_class;
    }
}

static cvy_status create_sheet(contact_sheet *sheet, const char *path, size_t per_class)
{
    const cvy_dataset_info *info = &sheet->info;
    size_t bytes;

    if (info->channels != 1 && info->channels != 3)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: a preview shows images of 1 or 3 channels, not %zu", path,
                        info->channels);
    sheet->width = GAP + per_class * (info->width + GAP);
    sheet->height = GAP + info->class_count * (1 + sheet->variants) * (info->height + GAP);
    if (!cvy_size_multiply(sheet->width * info->channels, sheet->height, &bytes) ||
        bytes > SHEET_BYTES_MAX)
        return cvy_fail(
            CVY_ERR_UNSUPPORTED,
            "%s: a preview of %zu x %zu pixels is too large, fewer images per class fit", path,
            sheet->width, sheet->height);
    cvy_status status = cvy_memory_create(bytes, 1, &sheet->pixels);
    if (status != CVY_OK)
        return status;
    memset(sheet->pixels, GAP_LEVEL, bytes);
    status = cvy_memory_create(info->height * info->width, info->channels, &sheet->variant);
    if (status != CVY_OK)
        return status;
    return cvy_memory_create(info->class_count, sizeof *sheet->filled, &sheet->filled);
}

cvy_status cvy_preview_write(const cvy_dataset *dataset, cvy_split split, const char *path,
                             size_t per_class, size_t variants, cvy_preview_variant *make,
                             void *context)
{
    contact_sheet sheet = { .info = cvy_dataset_describe(dataset),
                            .variants = variants,
                            .make = make,
                            .context = context };

    if (per_class < 1 || per_class > CVY_PREVIEW_PER_CLASS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "per_class: found %zu, expected 1 to %d", per_class,
                        CVY_PREVIEW_PER_CLASS_MAX);
    if (cvy_dataset_count(dataset, split) == 0)
        return cvy_fail(CVY_ERR_DATA, "%s: no %s images in it", sheet.info.name,
                        cvy_split_name(split));
    cvy_status status = create_sheet(&sheet, path, per_class);
    if (status == CVY_OK) {
        draw_split(&sheet, dataset, split, per_class);
        status = cvy_picture_write_png(path, sheet.pixels, sheet.width, sheet.height,
                                       sheet.info.channels);
    }
    cvy_memory_free(sheet.pixels);
    cvy_memory_free(sheet.filled);
    cvy_memory_free(sheet.variant);
    return status;
}

cvy_status cvy_dataset_preview(const cvy_dataset *dataset, cvy_split split, const char *path,
                               size_t per_class)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(path);
    if (!cvy_split_is(split))
        return cvy_fail(CVY_ERR_SETTING, "split: found %d, expected a cvy_split", (int)split);
    return cvy_preview_write(dataset, split, path, per_class, 0, NULL, NULL);
}
