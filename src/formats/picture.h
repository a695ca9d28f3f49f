/* Picture files: read PNG, JPEG, BMP, PBM, PGM and PPM; write PNG. */
#ifndef CVY_FORMATS_PICTURE_H
#define CVY_FORMATS_PICTURE_H

#include <stddef.h>

#include "base/error.h"
#include "convoy/picture.h" /* cvy_picture_is(), cvy_picture_write_png() */

enum {
    CVY_PICTURE_FILE_BYTES_MAX = 64 << 20,
    CVY_PICTURE_SIDE_MAX = 8192, /* limit for both sides, in pixels */
};

typedef struct {
    size_t width, height;
    unsigned char *grey;  /* [height][width], 0 black to 255 white */
    unsigned orientation; /* 1 to 8, as in EXIF; the pixels are upright */
} cvy_picture;

/**
 * Read a picture as grey, turned upright by its EXIF data (formats/grey.h: treatment of colours,
 * transparency and 16 bits).
 * picture  written only on CVY_OK; released with cvy_picture_free()
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (also if the file is too long), CVY_ERR_FORMAT (unknown
 * format, damaged, cut short, or the picture is too large), CVY_ERR_MEMORY.
 */
cvy_status cvy_picture_read(const char *path, cvy_picture *picture);

/** Read a picture from bytes in memory; `name` begins the error messages. */
cvy_status cvy_picture_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_picture *picture);

/** Release the pixels and set them to NULL. */
void cvy_picture_free(cvy_picture *picture);

/* A picture in colour. */
typedef struct {
    size_t width, height, channels; /* 1: grey; 3: red, green, blue */
    unsigned char *pixels;          /* [height][width][channels] */
} cvy_colour_picture;

/** Decode a picture, keeping its colours if it has any; released with cvy_colour_picture_free(). */
cvy_status cvy_picture_decode_colour(const char *name, const unsigned char *bytes, size_t size,
                                     cvy_colour_picture *picture);
void cvy_colour_picture_free(cvy_colour_picture *picture);

/** Read the upright size and the channels (1 or 3) from the header alone; the first part of a file
 *  is enough if it contains the header. Errors as above. */
cvy_status cvy_picture_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels);

/** Encode a PNG in memory, as cvy_picture_write_png() does; the caller frees *bytes with free().
 *  Returns CVY_ERR_MEMORY. */
cvy_status cvy_picture_encode_png(const char *name, const unsigned char *pixels, size_t width,
                                  size_t height, size_t channels, unsigned char **bytes,
                                  size_t *size);

#endif
