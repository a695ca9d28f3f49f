/* What all convolution layers share: strips of output rows, the shares of a crew, and the pooling that
 * takes the strips. A kind's plan() works out a cvy_convolution (kernels/convolution.h) from its settings,
 * which the layer's plan keeps; the rest of the kind is here.
 *
 * Weight 0 of the layer is the kernel, as kernels/convolution.h lays it out; weight 1, where there is
 * one, the bias [filters]. A strip of output rows is made at a time; where a pooling follows that
 * takes strips it is run on the strip at once, so that the output is never in memory as a whole, nor is
 * its gradient. */
#ifndef CVY_LAYERS_CONVOLVE_H
#define CVY_LAYERS_CONVOLVE_H

#include "layers/layer.h"

/** Fill in what a layer's plan() states about the convolution: out, flops, scratch_bytes, gradient,
 *  reads_input, and the convolution itself. Returns CVY_ERR_SHAPE. */
cvy_status cvy_convolve_plan(const cvy_convolution *c, cvy_layer_plan *plan);

/* What the settings of a kernel or a bias name. */
typedef struct {
    const char *initializer, *regularizer, *constraint;
} cvy_weight_names;

/** Add the kernel, [kh][kw][in][out] as Keras keeps it, and a bias of so many values, or none for 0. */
void cvy_convolve_add_weights(cvy_layer_plan *plan, const size_t kernel_size[2], size_t in,
                              size_t out, cvy_weight_names kernel, size_t biases,
                              cvy_weight_names bias);

/** The kind's feed(). */
void cvy_convolve_feed(cvy_layer *layer, const cvy_layer *next);

/** The kind's forward(), forward_sample() and backward(). */
void cvy_convolve_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y);
void cvy_convolve_forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                                 float *y);
void cvy_convolve_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                           const float *dy, float *dx, float *dw);

#endif
