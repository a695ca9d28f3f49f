/* Shared parts of all convolution layers: strips of output rows, the shares of a crew, and a
 * pooling that takes the strips. A kind's plan() computes a cvy_convolution (kernels/convolution.h)
 * from its settings and stores it in the layer's plan; the rest of the kind is here.
 *
 * Weight 0 of the layer is the kernel, laid out as in kernels/convolution.h; weight 1, if any, is
 * the bias [filters]. One strip of output rows is computed at a time. If a pooling follows that
 * takes strips, it runs on the strip at once, so that neither the whole output nor its gradient is
 * ever in memory. */
#ifndef CVY_LAYERS_CONVOLVE_H
#define CVY_LAYERS_CONVOLVE_H

#include "layers/layer.h"

/** Set the members of a layer's plan that follow from the convolution: out, flops, scratch_bytes,
 *  gradient, reads_input, and the convolution itself. Returns CVY_ERR_SHAPE. */
cvy_status cvy_convolve_plan(const cvy_convolution *c, cvy_layer_plan *plan);

/* The specs in the settings of a kernel or a bias. */
typedef struct {
    const char *initializer, *regularizer, *constraint;
} cvy_weight_names;

/** Add the kernel, [kh][kw][in][out] as in Keras, and a bias of `biases` values; 0: no bias. */
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
