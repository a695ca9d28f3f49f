/* A decoded picture as stored in the file: any number of channels, eight or sixteen bits per
 * sample. */
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

/** Check that both sides are from 1 to CVY_PICTURE_SIDE_MAX; else CVY_ERR_FORMAT with a message. */
cvy_status cvy_pixels_check_sides(const char *name, size_t width, size_t height);

/** Allocate samples, all 0. Both sides must be within bounds. Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_pixels_create(cvy_pixels *pixels, size_t width, size_t height, size_t channels,
                             bool is_deep);
void cvy_pixels_free(cvy_pixels *pixels);

/** Return the number of bytes per pixel. */
size_t cvy_pixels_bytes(const cvy_pixels *pixels);

/**
 * Rotate and mirror according to an EXIF orientation (Exif 2.32, tag 0x0112): row 0 becomes the
 * visual top, column 0 the visual left.
 * orientation  1 .. 8
 * Returns CVY_OK or CVY_ERR_MEMORY (nothing has changed).
 */
cvy_status cvy_pixels_orient(cvy_pixels *pixels, unsigned orientation);

#endif
