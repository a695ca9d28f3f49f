/* A plane of bytes: grey levels, or the strength of ink. */
#ifndef CVY_PICTURES_BYTES_H
#define CVY_PICTURES_BYTES_H

#include <stdint.h>

#include "base/error.h"
#include "pictures/plane.h"

typedef struct {
    size_t width, height;
    uint8_t *value; /* [height][width] */
} cvy_bytes;

/** Create a plane of zeros; bytes->value is released with cvy_memory_free(). Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_bytes_create(cvy_bytes *bytes, size_t width, size_t height);

/**
 * Reduce a part of a picture by an integer factor: means over factor x factor pixels, fewer at the
 * right and bottom edges of the part.
 * grey    [.][width], the picture
 * part    inside the picture
 * factor  1 .. 256
 * small   created here: ceil(width / factor) x ceil(height / factor) of the part
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_bytes_reduce(const unsigned char *grey, size_t width, const cvy_box *part,
                            size_t factor, cvy_bytes *small);

/** Return the level that a share `rank` (0 to 1) of the values do not exceed. */
unsigned cvy_bytes_level_at(const cvy_bytes *bytes, double rank);

#endif
