/* Layers in plain double precision, one image at a time, straight from their formulas in Keras's order of values.
 * Forward alone: plain_layer.c takes the slopes from it by central differences, which in double precision are good
 * to nine digits. */
#ifndef TESTS_SUPPORT_PLAIN_FORWARD_H
#define TESTS_SUPPORT_PLAIN_FORWARD_H

#include "layers/layer.h"

typedef void plain_forward(const cvy_layer *layer, const double *x, const double *const *weights,
                           double *y);

/** The function of a kind, or NULL for one that is not here. */
plain_forward *plain_forward_of(const cvy_layer *layer);

#endif
