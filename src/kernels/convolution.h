/* Convolutions of one lane: one table of backends, best first, the plain reference (im2col and a
 * matrix product) last.
 *
 *     y[f][oy][ox] = bias[f] + sum over ky, kx, c of w[ky][kx][c][f] * x[c'][oy * stride_y + ky *
 *     (gap_y + 1) - pad_top][ox * stride_x + kx * (gap_x + 1) - pad_left],
 *     c' = f / (filters / groups) * (channels / groups) + c;        outside the image x is 0
 *
 * x [channels][height][width][LANE], y [filters][rows][columns][LANE], w [window_height][window_width]
 * [channels / groups][filters] as Keras stores it: stride, padding, dilation and groups are all here.
 * A depthwise convolution is one with groups = channels and filters = channels * depth_multiplier;
 * Keras's depthwise kernel [kh][kw][channels][depth_multiplier] lies in memory as w does.
 *
 * A layer passes a strip of output rows at a time, whose first row of filter f is at y (or dy) + f *
 * plane floats; layers/convolve.h cuts a convolution into strips and shares. All arrays begin at a
 * multiple of 64 bytes, and so does each plane. No backend allocates or fails. */
#ifndef CVY_KERNELS_CONVOLUTION_H
#define CVY_KERNELS_CONVOLUTION_H

#include "kernels/kernels.h"

typedef struct {
    cvy_window window; /* over the input, with stride, padding and dilation */
    size_t filters;    /* output channels, of all groups */
    size_t groups;     /* divides channels and filters; 1: every filter sees every channel */
} cvy_convolution;

typedef struct cvy_compute cvy_compute; /* kernels/compute.h */

typedef struct {
    const char *name, *summary;
    const char *isa; /* goes with the loops of this instruction set; NULL: with any */
    /* The bits of an element of y, dw and dx depend on nothing computed beside it: rows and filters
     * may be cut anywhere. (dw is a sum over strips, and depends on these.) */
    bool is_cut_freely;
    bool (*is_usable)(const cvy_cpu *cpu);
    /* Floats of scratch that each of the calls below needs for strips of at most so many rows. */
    size_t (*scratch_floats)(const cvy_convolution *c, size_t rows);
    /* The output rows `rows`, written. bias [filters], or NULL. */
    void (*forward_rows)(const cvy_compute *compute, const cvy_convolution *c, const float *x,
                         const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                         float *scratch);
    /* Of one sample alone, channels last: x [height][width][channels], y [rows][columns][filters], written. The
     * bits are those that the sample has in a lane. scratch: cvy_convolution_sample_scratch(). NULL: the backend
     * has no such way. */
    void (*forward_sample)(const cvy_convolution *c, const float *x, const float *w,
                           const float *bias, float *y, float *scratch);
    /* dw = (or += when `accumulate`) what the output rows `rows` contribute; dw is laid out as w.
     * Only the gradients of the filters `filters` are touched; dy is that of the first of them. */
    void (*add_weight_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                                const float *x, const float *dy, size_t plane, cvy_range rows,
                                cvy_range filters, bool accumulate, float *dw, float *scratch);
    /* dx += what the output rows `rows` contribute to the rows `dx_rows` of the input, in all
     * channels; nothing else of dx is touched. Strips come in ascending order. */
    void (*add_input_gradient)(const cvy_compute *compute, const cvy_convolution *c, const float *w,
                               const float *dy, size_t plane, cvy_range rows, cvy_range dx_rows,
                               float *dx, float *scratch);
} cvy_convolution_backend;

/* Best first, NULL-terminated. */
extern const cvy_convolution_backend *const cvy_convolution_backends[];

/** The backend that goes with the chosen loops, im2col where CONVOY_GEMM forces a matrix product, or the
 *  one that the environment variable CONVOY_CONVOLUTION names. Returns CVY_ERR_SETTING when that one is unknown or does not
 *  run here. */
cvy_status cvy_convolution_choose(const cvy_convolution_backend **backend);

/** What `compute` convolves with; never NULL. */
const cvy_convolution_backend *cvy_convolution_of(const cvy_compute *compute);

/** Floats of scratch for strips of at most so many rows with any backend. */
size_t cvy_convolution_scratch(const cvy_convolution *c, size_t rows);

/** Floats of scratch for one sample, whole vectors: two for each cell of the window. */
static inline size_t cvy_convolution_sample_scratch(const cvy_convolution *c)
{
    const size_t floats = 2 * c->window.window_height * c->window.window_width;
    return (floats + CVY_LANE - 1) / CVY_LANE * CVY_LANE;
}

/** Rows of w seen as a matrix [taps][filters]. */
static inline size_t cvy_convolution_taps(const cvy_convolution *c)
{
    return c->window.window_height * c->window.window_width * c->window.channels / c->groups;
}

#endif
