#include "sources/csv_images.h"

#include <math.h>
#include <string.h>

#include "base/letters.h"
#include "base/memory.h"
#include "data/content.h"
#include "sources/csv_table.h"

static bool ends_like_csv(const char *path)
{
    static const char *const endings[] = { ".csv", ".csv.gz", ".tsv" };

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (cvy_ends_in_letters(path, endings[i]))
            return true;
    return false;
}

bool cvy_csv_has_images(const char *path)
{
    cvy_csv_table t = { 0 };

    if (!ends_like_csv(path) || cvy_content_mistake(cvy_content_of(path)) != NULL)
        return false;
    const bool is_open = cvy_csv_table_open(path, &t) == CVY_OK;
    cvy_csv_close(t.lines);
    return is_open && t.is_unlabelled && t.form.channels == 1;
}

/* Go through the lines: the first time to count and measure them, the second to store them. */
static cvy_status pass(cvy_csv_table *t, double *pixels, size_t room, cvy_images *images)
{
    const double factor = cvy_csv_table_pixel_factor(t);
    char *text, *label;
    size_t length, row = 0;
    cvy_status status = cvy_csv_rewind(t->lines);

    if (status == CVY_OK && t->has_header)
        status = cvy_csv_next(t->lines, &text, &length);
    while (status == CVY_OK) {
        status = cvy_csv_next(t->lines, &text, &length);
        if (status != CVY_OK || text == NULL)
            break;
        if (images->pixels != NULL && row == room)
            return cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", t->path);
        status = cvy_csv_table_read_line(t, text, pixels, &label);
        for (size_t i = 0; status == CVY_OK && i < t->columns; i++) {
            t->has_fractions |= pixels[i] != floor(pixels[i]);
            t->largest = pixels[i] > t->largest ? pixels[i] : t->largest;
            if (images->pixels != NULL)
                images->pixels[row * t->columns + i] = (uint8_t)lround(pixels[i] * factor);
        }
        row++;
    }
    images->count = row;
    return status;
}

static cvy_status read_all(cvy_csv_table *t, cvy_images *images)
{
    double *pixels = NULL;
    size_t bytes, count;
    cvy_status status = cvy_memory_create(t->columns, sizeof *pixels, &pixels);

    if (status == CVY_OK)
        status = pass(t, pixels, 0, images);
    count = images->count;
    if (status == CVY_OK && count == 0)
        status = cvy_fail(CVY_ERR_DATA, "%s: no images in it", t->path);
    if (status == CVY_OK && !cvy_size_multiply(count, t->columns, &bytes))
        status = cvy_fail(CVY_ERR_MEMORY, "%s: more images than memory holds", t->path);
    if (status == CVY_OK)
        status = cvy_memory_create(bytes, 1, &images->pixels);
    if (status == CVY_OK)
        status = pass(t, pixels, count, images);
    if (status == CVY_OK && images->count != count)
        status = cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", t->path);
    cvy_memory_free(pixels);
    return status;
}

cvy_status cvy_csv_read_images(const char *path, cvy_images *images, size_t *height, size_t *width)
{
    cvy_csv_table t = { 0 };
    cvy_status status = cvy_csv_table_open(path, &t);

    *images = (cvy_images){ 0 };
    if (status == CVY_OK && (!t.is_unlabelled || t.form.channels != 1))
        status =
            cvy_fail(CVY_ERR_DATA, "%s: expected as many columns as an image has pixels", path);
    if (status == CVY_OK)
        status = read_all(&t, images);
    cvy_csv_close(t.lines);
    if (status != CVY_OK) {
        cvy_memory_free(images->pixels);
        *images = (cvy_images){ 0 };
        return status;
    }
    *height = t.form.height;
    *width = t.form.width;
    return CVY_OK;
}
