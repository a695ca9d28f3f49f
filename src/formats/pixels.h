/* A decoded picture, as it is in the file: any number of channels, eight or sixteen bits a sample. */
#ifndef CVY_FORMATS_PIXELS_H
#define CVY_FORMATS_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    size_t width, height;
    size_t channels; /* 1 grey, 2 grey and alpha, 3 red, green and blue, 4 with alpha */
    bool is_deep;    /* samples are uint16_t, 0 .. 65535; else bytes, 0 .. 255 */
    void *samples;   /* [height][width][channels], released with cvy_pixels_free() */
} cvy_pixels;

/** Both sides are from 1 to CVY_PICTURE_SIDE_MAX, else CVY_ERR_FORMAT with a sentence. */
cvy_status cvy_pixels_check_sides(const char *name, size_t width, size_t height);

/** Make all samples 0. Both sides are within bounds. Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_pixels_create(cvy_pixels *pixels, size_t width, size_t height, size_t channels,
                             bool is_deep);
void cvy_pixels_free(cvy_pixels *pixels);

/** How many bytes a pixel has. */
size_t cvy_pixels_bytes(const cvy_pixels *pixels);

/**
 * Turn and mirror as an EXIF orientation asks for (Exif 2.32, tag 0x0112): row 0 becomes the visual top,
 * column 0 the visual left.
 * orientation  1 .. 8
 * Returns CVY_OK or CVY_ERR_MEMORY (nothing has changed).
 */
cvy_status cvy_pixels_orient(cvy_pixels *pixels, unsigned orientation);

#endif
