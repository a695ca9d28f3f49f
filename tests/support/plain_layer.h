/* A layer of convoy by the plain implementation: its settings read by name, one image at a time. */
#ifndef TESTS_SUPPORT_PLAIN_LAYER_H
#define TESTS_SUPPORT_PLAIN_LAYER_H

#include "layers/layer.h"

/* One image's numbers, in Keras's order. dx is overwritten, dweights are added to. */
typedef struct {
    const double *x, *dy, *weights[CVY_LAYER_WEIGHTS_MAX];
    const double *mask; /* dropout: what each value is multiplied by */
    double *y, *dx, *dweights[CVY_LAYER_WEIGHTS_MAX];
} plain_image;

/** Forward and backward. Fails the test for a kind that it does not know. */
void plain_layer_run(const cvy_layer *layer, const plain_image *image);

#endif
