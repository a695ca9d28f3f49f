/* The shape of one sample between two layers. */
#ifndef CONVOY_SHAPE_H
#define CONVOY_SHAPE_H

#include <stddef.h>

/* rank 3: an image, dims height, width, channels; rank 1: a vector, dims[0] features. The batch
 * is never part of a shape. */
typedef struct {
    size_t rank;
    size_t dims[3];
} cvy_shape;

#endif
