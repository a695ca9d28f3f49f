/* The error bound of a convolution by Winograd's F(2 x 2, 3 x 3). */
#ifndef BENCH_KERNELS_WINOGRAD_BOUND_H
#define BENCH_KERNELS_WINOGRAD_BOUND_H

#include "checks.h"

/* A convolution with 3 x 3 weights and stride 1. The weight of a cell (0 to 8), an input and an
 * output is at w + cell * w_cell + input * w_input + output * w_output. */
typedef struct {
    size_t inputs, height, width, pad_top, pad_left;
    size_t outputs, rows, columns;
    const float *x; /* [inputs][height][width][LANE] */
    const float *w;
    ptrdiff_t w_cell;
    size_t w_input, w_output;
    const float *bias; /* [outputs], or NULL */
} winograd_problem;

/** Set the size and count of each output's sum [outputs][rows][columns][LANE] so that
 *  check_near() has the bound that kernels/convolution_winograd.c states. */
void winograd_bound(const winograd_problem *p, check_sum *y);

#endif
