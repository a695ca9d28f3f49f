/* Choose the decoder for a picture, and apply the steps common to all pictures. */
#include "formats/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "formats/bmp_rle.h"
#include "formats/exif.h"
#include "formats/grey.h"
#include "formats/pnm.h"
#include "formats/stb.h"

/* The signature of a format, at an offset in the file. */
typedef struct {
    const char *name;
    size_t at, length;
    const char *mark;
} beginning;

static const beginning others[] = {
    { "GIF", 0, 4, "GIF8" },         { "WebP", 8, 4, "WEBP" },     { "TIFF", 0, 4, "II*\0" },
    { "TIFF", 0, 4, "MM\0*" },       { "HEIC", 4, 7, "ftyphei" },  { "HEIC", 4, 7, "ftyphev" },
    { "HEIC", 4, 8, "ftypmif1" },    { "HEIC", 4, 8, "ftypmsf1" }, { "AVIF", 4, 7, "ftypavi" },
    { "JPEG XL", 0, 2, "\xff\x0a" }, { "JPEG XL", 4, 4, "JXL " },  { "PDF", 0, 5, "%PDF-" },
    { "JPEG 2000", 4, 4, "jP  " },   { "SVG", 0, 4, "<svg" },      { "Photoshop", 0, 4, "8BPS" },
};

static _Bool begins(const unsigned char *bytes, size_t size, const beginning *b)
{
    return bytes != NULL && size >= b->at + b->length &&
           memcmp(bytes + b->at, b->mark, b->length) == 0;
}

const char *cvy_picture_other_kind(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins(bytes, size, &others[i]))
            return others[i].name;
    return NULL;
}

bool cvy_picture_is(const unsigned char *bytes, size_t size)
{
    static const beginning known[] = {
        { "PNG", 0, 8, "\x89PNG\r\n\x1a\n" },
        { "JPEG", 0, 3, "\xff\xd8\xff" },
        { "BMP", 0, 2, "BM" },
    };

    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins(bytes, size, &known[i]))
            return 1;
    return cvy_pnm_is(bytes, size);
}

static cvy_status check_file(const char *name, const unsigned char *bytes, size_t size)
{
    const char *other = cvy_picture_other_kind(bytes, size);

    if (size == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: the file is empty", name);
    if (size > CVY_PICTURE_FILE_BYTES_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %zu bytes, a picture may have %d", name, size,
                        CVY_PICTURE_FILE_BYTES_MAX);
    if (other != NULL)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: not a PNG, JPEG, BMP, PGM or PPM picture (it is %s: convert it to PNG "
                        "or JPEG)",
                        name, other);
    return CVY_OK;
}

static cvy_status measure(const char *name, const unsigned char *bytes, size_t size, size_t *width,
                          size_t *height, size_t *channels)
{
    cvy_status status = check_file(name, bytes, size);

    if (status != CVY_OK)
        return status;
    if (cvy_pnm_is(bytes, size))
        return cvy_pnm_measure(name, bytes, size, width, height, channels);
    if (cvy_bmp_rle_is(bytes, size))
        return cvy_bmp_rle_measure(name, bytes, size, width, height, channels);
    return cvy_stb_measure(name, bytes, size, width, height, channels);
}

cvy_status cvy_picture_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels)
{
    size_t sides[2], found;
    cvy_status status = measure(name, bytes, size, &sides[0], &sides[1], &found);

    if (status != CVY_OK)
        return status;
    const _Bool is_turned = cvy_exif_orientation(bytes, size) >= 5;
    *width = sides[is_turned];
    *height = sides[!is_turned];
    *channels = found < 3 ? 1 : 3;
    return CVY_OK;
}

/* Decode a picture, flatten it and turn it upright. */
static cvy_status decode(const char *name, const unsigned char *bytes, size_t size,
                         unsigned *orientation, cvy_pixels *pixels)
{
    cvy_status status = check_file(name, bytes, size);

    if (status == CVY_OK)
        status = cvy_pnm_is(bytes, size)       ? cvy_pnm_decode(name, bytes, size, pixels)
                 : cvy_bmp_rle_is(bytes, size) ? cvy_bmp_rle_decode(name, bytes, size, pixels)
                                               : cvy_stb_decode(name, bytes, size, pixels);
    if (status != CVY_OK)
        return status;
    cvy_pixels_flatten(pixels);
    *orientation = cvy_exif_orientation(bytes, size);
    return CVY_OK;
}

cvy_status cvy_picture_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_picture *picture)
{
    cvy_pixels pixels;
    unsigned orientation;
    cvy_status status = decode(name, bytes, size, &orientation, &pixels);

    if (status != CVY_OK)
        return status;
    cvy_pixels_to_grey(&pixels); /* first, so that less data are rotated */
    status = cvy_pixels_orient(&pixels, orientation);
    if (status != CVY_OK) {
        cvy_pixels_free(&pixels);
        return status;
    }
    *picture = (cvy_picture){ .width = pixels.width,
                              .height = pixels.height,
                              .grey = pixels.samples,
                              .orientation = orientation };
    return CVY_OK;
}

cvy_status cvy_picture_decode_colour(const char *name, const unsigned char *bytes, size_t size,
                                     cvy_colour_picture *picture)
{
    cvy_pixels pixels;
    unsigned orientation;
    cvy_status status = decode(name, bytes, size, &orientation, &pixels);

    if (status != CVY_OK)
        return status;
    status = cvy_pixels_orient(&pixels, orientation);
    if (status != CVY_OK) {
        cvy_pixels_free(&pixels);
        return status;
    }
    *picture = (cvy_colour_picture){ .width = pixels.width,
                                     .height = pixels.height,
                                     .channels = pixels.channels,
                                     .pixels = pixels.samples };
    return CVY_OK;
}

cvy_status cvy_picture_read(const char *path, cvy_picture *picture)
{
    unsigned char *bytes;
    size_t size;

    cvy_status status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &bytes, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_picture_decode(path, bytes, size, picture);
    cvy_memory_free(bytes);
    return status;
}

void cvy_picture_free(cvy_picture *picture)
{
    free(picture->grey);
    picture->grey = NULL;
}

void cvy_colour_picture_free(cvy_colour_picture *picture)
{
    free(picture->pixels);
    picture->pixels = NULL;
}
