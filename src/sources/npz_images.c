/* Bytes are taken as they are; floats up to 1 are multiplied by 255, those from -1 to 1 stretched. */
#include "sources/npz_images.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/fit.h"

enum { BLOCK_IMAGES = 64 };

/* The images of a part and their layout. */
typedef struct {
    char place[CVY_NPZ_PLACE_BYTES];
    cvy_npy_header header;
    cvy_form form;
    bool is_planar;        /* channels precede rows */
    double offset, factor; /* byte = (value + offset) * factor */
} image_array;

cvy_status cvy_npz_begin(cvy_zip *zip, const char *file, size_t entry, unsigned accepted,
                         char place[CVY_NPZ_PLACE_BYTES], cvy_npy_header *header)
{
    const char *name = cvy_zip_name(zip, entry);

    snprintf(place, CVY_NPZ_PLACE_BYTES, "%.400s: %.*s", file, (int)strlen(name) - 4, name);
    return cvy_npy_begin(zip, entry, place, accepted, header);
}

static bool is_channels(size_t n)
{
    return n == 1 || n == 3;
}

static cvy_status find_form(image_array *a)
{
    const size_t *d = a->header.dims;
    const size_t rank = a->header.rank;
    bool fits = false;

    if (rank == 3) {
        a->form = (cvy_form){ d[1], d[2], 1 };
        fits = true;
    } else if (rank == 4 && is_channels(d[3])) {
        a->form = (cvy_form){ d[1], d[2], d[3] };
        fits = true;
    } else if (rank == 4 && is_channels(d[1])) {
        a->form = (cvy_form){ d[2], d[3], d[1] };
        a->is_planar = fits = true;
    } else if (rank == 2) {
        const size_t side = (size_t)lround(sqrt((double)d[1]));
        a->form = (cvy_form){ side, side, 1 };
        fits = side * side == d[1];
    }
    if (rank == 3 && d[0] <= CVY_IMAGE_SIDE_MAX && d[1] <= CVY_IMAGE_SIDE_MAX &&
        d[2] > CVY_FIT_SIDE_MAX / 8)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: an array of %zu x %zu x %zu, expected [n][height][width]\n"
                        "numpy.moveaxis(x, -1, 0) turns it",
                        a->place, d[0], d[1], d[2]);
    if (rank == 4 && (d[3] == 4 || d[1] == 4))
        return cvy_fail(CVY_ERR_DATA,
                        "%s: images of 4 channels, expected 1 or 3\n%s leaves the transparency out",
                        a->place, d[3] == 4 ? "x[..., :3]" : "x[:, :3]");
    if (!fits || d[0] == 0 || a->form.height == 0 || a->form.width == 0)
        return cvy_fail(
            CVY_ERR_DATA,
            "%s: an array of %zu dimensions that are no images, expected [n][height][width] "
            "or [n][height][width][1 or 3]",
            a->place, rank);
    if (a->form.height > CVY_FIT_SIDE_MAX || a->form.width > CVY_FIT_SIDE_MAX)
        return cvy_fail(CVY_ERR_DATA, "%s: images of %zu x %zu, expected sides of at most %d",
                        a->place, a->form.height, a->form.width, CVY_FIT_SIDE_MAX);
    return CVY_OK;
}

/* Read all values once to tell pixels from 0 to 255 from fractions of 1, and from -1 to 1. */
static cvy_status find_factor(cvy_zip *zip, image_array *a, double *values, size_t image_values)
{
    bool has_fractions = false;
    double smallest = 0, largest = 0;
    cvy_status status = CVY_OK;

    a->factor = a->header.kind == 'b' ? 255 : 1;
    if (a->header.kind != 'f')
        return CVY_OK;
    for (size_t i = 0; status == CVY_OK && i < a->header.dims[0]; i++) {
        status = cvy_npy_read(zip, &a->header, image_values, values);
        for (size_t v = 0; status == CVY_OK && v < image_values; v++) {
            has_fractions |= values[v] != floor(values[v]);
            smallest = values[v] < smallest ? values[v] : smallest;
            largest = values[v] > largest ? values[v] : largest;
        }
    }
    if (smallest < 0 && smallest >= -1 && largest <= 1) {
        a->offset = 1;
        a->factor = 127.5;
    } else if (largest <= 1 && (has_fractions || largest > 0)) {
        a->factor = 255;
    }
    return status;
}

static cvy_status fail_pixel(const image_array *a, size_t image, double value)
{
    const cvy_status status =
        cvy_fail(CVY_ERR_DATA, "%s: image %zu: found the pixel %g, expected one from 0 to %s",
                 a->place, image, value, a->factor > 1 ? "1" : "255");

    return value >= 0
               ? status
               : cvy_fail_add(status, "\nSave pixels from 0 to 255, or floats from 0 to 1 or "
                                      "-1 to 1; convoy itself standardizes them.");
}

static cvy_status convert(const image_array *a, const double *values, size_t image, uint8_t *pixels)
{
    const size_t positions = a->form.height * a->form.width, channels = a->form.channels;

    for (size_t p = 0; p < positions; p++)
        for (size_t c = 0; c < channels; c++) {
            const double found = values[a->is_planar ? c * positions + p : p * channels + c];
            const double value = (found + a->offset) * a->factor;
            if (!(value >= 0 && value <= 255))
                return fail_pixel(a, image, found);
            pixels[p * channels + c] = (uint8_t)lround(value);
        }
    return CVY_OK;
}

static cvy_status read_pixels(cvy_intake *intake, cvy_split split, cvy_zip *zip, image_array *a,
                              double *values, uint8_t *block)
{
    const size_t bytes = a->form.height * a->form.width * a->form.channels;
    const bool is_plain = a->header.kind == 'u' && a->header.bytes == 1 && !a->is_planar;
    cvy_status status = CVY_OK;

    for (size_t first = 0; status == CVY_OK && first < a->header.dims[0]; first += BLOCK_IMAGES) {
        const size_t left = a->header.dims[0] - first;
        const size_t count = left < BLOCK_IMAGES ? left : BLOCK_IMAGES;
        if (is_plain)
            status = cvy_npy_read_bytes(zip, &a->header, count * bytes, block);
        for (size_t i = 0; status == CVY_OK && !is_plain && i < count; i++) {
            status = cvy_npy_read(zip, &a->header, bytes, values);
            if (status == CVY_OK)
                status = convert(a, values, first + i, block + i * bytes);
        }
        if (status == CVY_OK)
            cvy_intake_put(intake, split, first, count, block);
    }
    return status;
}

cvy_status cvy_npz_read_images(cvy_intake *intake, cvy_split split, cvy_zip *zip, size_t entry,
                               cvy_images **part)
{
    image_array a = { 0 };
    double *values = NULL;
    uint8_t *block = NULL;
    size_t bytes = 0;
    cvy_status status =
        cvy_npz_begin(zip, intake->where, entry, CVY_NPY_NUMBERS, a.place, &a.header);

    if (status == CVY_OK)
        status = find_form(&a);
    if (status == CVY_OK) {
        bytes = a.form.height * a.form.width * a.form.channels;
        status = cvy_memory_create(bytes, sizeof *values, &values);
    }
    if (status == CVY_OK)
        status = cvy_memory_create(BLOCK_IMAGES, bytes, &block);
    if (status == CVY_OK)
        status = find_factor(zip, &a, values, bytes);
    if (status == CVY_OK && a.header.kind == 'f') { /* read again from the start */
        cvy_npy_end(&a.header);
        status = cvy_npz_begin(zip, intake->where, entry, CVY_NPY_NUMBERS, a.place, &a.header);
    }
    if (status == CVY_OK)
        status = cvy_intake_begin(intake, split, a.header.dims[0], a.form, part);
    if (status == CVY_OK)
        status = read_pixels(intake, split, zip, &a, values, block);
    cvy_npy_end(&a.header);
    cvy_memory_free(values);
    cvy_memory_free(block);
    return status;
}
