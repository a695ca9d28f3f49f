/* Pictures that people have: PNG, JPEG, BMP, PBM, PGM and PPM in, PNG out. */
#ifndef CVY_FORMATS_PICTURE_H
#define CVY_FORMATS_PICTURE_H

#include <stddef.h>

#include "base/error.h"
#include "convoy/picture.h" /* cvy_picture_is(), cvy_picture_write_png() */

enum {
    CVY_PICTURE_FILE_BYTES_MAX = 64 << 20,
    CVY_PICTURE_SIDE_MAX = 8192, /* pixels; both sides may be as long as that */
};

typedef struct {
    size_t width, height;
    unsigned char *grey;  /* [height][width], 0 black to 255 white */
    unsigned orientation; /* 1 to 8, as EXIF states it; the pixels are upright */
} cvy_picture;

/**
 * Read a picture as grey, upright as its EXIF data say (formats/grey.h: what becomes of colours,
 * transparency and 16 bits).
 * picture  written only on CVY_OK; released with cvy_picture_free()
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (also a file that is too long), CVY_ERR_FORMAT (not one of
 * the formats, damaged, cut short, too large a picture), CVY_ERR_MEMORY.
 */
cvy_status cvy_picture_read(const char *path, cvy_picture *picture);

/** The same from bytes in memory; `name` begins the sentence of a failure. */
cvy_status cvy_picture_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_picture *picture);

/** Release the pixels and set them to NULL. */
void cvy_picture_free(cvy_picture *picture);

/* A picture with its colours. */
typedef struct {
    size_t width, height, channels; /* 1: grey; 3: red, green, blue */
    unsigned char *pixels;          /* [height][width][channels] */
} cvy_colour_picture;

/** The same with colours, where it has any; released with cvy_colour_picture_free(). */
cvy_status cvy_picture_decode_colour(const char *name, const unsigned char *bytes, size_t size,
                                     cvy_colour_picture *picture);
void cvy_colour_picture_free(cvy_colour_picture *picture);

/** Size, upright, and channels (1 or 3) by the header alone; of a long file its first part is enough, as
 *  far as the header reaches. Errors as above. */
cvy_status cvy_picture_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels);

#endif
