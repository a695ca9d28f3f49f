/* A plane of bytes: grey levels, or how much ink there is. */
#ifndef CVY_PICTURES_BYTES_H
#define CVY_PICTURES_BYTES_H

#include <stdint.h>

#include "base/error.h"
#include "pictures/plane.h"

typedef struct {
    size_t width, height;
    uint8_t *value; /* [height][width] */
} cvy_bytes;

/** All zero; bytes->value is released with cvy_memory_free(). Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_bytes_create(cvy_bytes *bytes, size_t width, size_t height);

/**
 * A part of a picture, made smaller by a whole factor: means over factor x factor pixels, fewer at the
 * right and the bottom edge of the part.
 * grey    [.][width], the picture
 * part    inside the picture
 * factor  1 .. 256
 * small   created here: ceil(width / factor) x ceil(height / factor) of the part
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_bytes_reduce(const unsigned char *grey, size_t width, const cvy_box *part,
                            size_t factor, cvy_bytes *small);

/** The level that the share `rank` (0 to 1) of the values are not above. */
unsigned cvy_bytes_level_at(const cvy_bytes *bytes, double rank);

#endif
