/* Convolutions by Winograd's F(2 x 2, 3 x 3): 16 products where 36 are usual, for windows of 3 x 3
 * with stride 1. convolution_winograd.c defines the arithmetic; kernels/convolution.h says which
 * convolutions are computed so. Compiled once per instruction set. */
#ifndef CVY_KERNELS_CONVOLUTION_WINOGRAD_H
#define CVY_KERNELS_CONVOLUTION_WINOGRAD_H

#include "kernels/convolution_direct.h"

#ifdef CVY_ISA
/** Floats of scratch for lanes, of scratch for a sample, and of packed weights. */
size_t CVY_FOR_ISA(cvy_winograd_scratch)(const cvy_convolution *c);
size_t CVY_FOR_ISA(cvy_winograd_sample_scratch)(const cvy_convolution *c);
size_t CVY_FOR_ISA(cvy_winograd_packed)(const cvy_convolution *c);

/** pack, forward_rows, forward_sample and add_input_gradient of kernels/convolution.h, with an
 *  instruction set's tiles. */
const float *CVY_FOR_ISA(cvy_winograd_pack)(const cvy_convolution *c, cvy_packing packing,
                                            const float *w, float *packed);
void CVY_FOR_ISA(cvy_winograd_forward)(const cvy_tiles *tiles, const cvy_convolution *c,
                                       const float *x, const float *packed, const float *bias,
                                       cvy_range rows, float *y, size_t plane, float *scratch);
void CVY_FOR_ISA(cvy_winograd_sample)(const cvy_tiles *tiles, const cvy_convolution *c,
                                      const float *x, const float *w, const float *bias, float *y,
                                      float *scratch);
void CVY_FOR_ISA(cvy_winograd_input_gradient)(const cvy_tiles *tiles, const cvy_convolution *c,
                                              const float *packed, const float *dy, size_t plane,
                                              cvy_range rows, bool is_last, cvy_range dx_rows,
                                              float *dx, float *scratch);
#endif

#endif
