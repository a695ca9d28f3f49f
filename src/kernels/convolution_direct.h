/* What the files of the convolution that copies nothing share. */
#ifndef CVY_KERNELS_CONVOLUTION_DIRECT_H
#define CVY_KERNELS_CONVOLUTION_DIRECT_H

#include "kernels/convolution.h"

/** Floats of scratch that it takes for strips of at most so many rows. */
size_t CVY_FOR_ISA(cvy_convolution_gradient_scratch)(const cvy_convolution *c, size_t rows);

/** add_weight_gradient of kernels/convolution.h. */
void CVY_FOR_ISA(cvy_convolution_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                                           const float *x, const float *dy, size_t plane,
                                           cvy_range rows, cvy_range filters, bool accumulate,
                                           float *dw, float *scratch);

#endif
