/* Convolutions of one lane: one table of backends, best first, the reference (im2col and GEMM)
 * last.
 *
 *     y[f][oy][ox] = bias[f] + sum over ky, kx, c of w[ky][kx][c][f] * x[c'][oy * stride_y + ky *
 *     (gap_y + 1) - pad_top][ox * stride_x + kx * (gap_x + 1) - pad_left],
 *     c' = f / (filters / groups) * (channels / groups) + c;        outside the image x is 0
 *
 * x [channels][height][width][LANE], y [filters][rows][columns][LANE], w
 * [window_height][window_width] [channels / groups][filters] as in Keras: stride, padding, dilation
 * and groups are all supported. A depthwise convolution has groups = channels and filters =
 * channels * depth_multiplier; Keras's depthwise kernel [kh][kw][channels][depth_multiplier] has
 * the same layout in memory as w.
 *
 * A layer passes one strip of output rows at a time; the strip's first row of filter f is at y (or
 * dy) + f * plane floats. layers/convolve.h cuts a convolution into strips and shares. All arrays
 * and planes are 64-byte aligned. No backend allocates or fails. */
#ifndef CVY_KERNELS_CONVOLUTION_H
#define CVY_KERNELS_CONVOLUTION_H

#include "kernels/kernels.h"

typedef struct {
    cvy_window window; /* over the input, with stride, padding and dilation */
    size_t filters;    /* output channels, of all groups */
    size_t groups;     /* divides channels and filters; 1: every filter reads every channel */
} cvy_convolution;

typedef struct cvy_compute cvy_compute; /* kernels/compute.h */

/* What a kernel is packed for. */
typedef enum { CVY_PACK_FORWARD, CVY_PACK_INPUT_GRADIENT } cvy_packing;

typedef struct {
    const char *name, *summary;
    const char *isa; /* used with the kernels of this instruction set; NULL: with any */
    /* The bits of an element of y, dw and dx do not depend on what else a call computes: rows and
     * filters may be cut anywhere. (dw is a sum over strips and depends on these.) */
    bool is_cut_freely;
    bool (*is_usable)(const cvy_cpu *cpu);
    /* Return the kernel as forward_rows or add_input_gradient need it: w itself, or a copy written
     * to `packed`, which has packed_floats() floats. */
    size_t (*packed_floats)(const cvy_convolution *c);
    const float *(*pack)(const cvy_convolution *c, cvy_packing packing, const float *w,
                         float *packed);
    /* Floats of scratch that each call below needs for strips of at most `rows` rows. */
    size_t (*scratch_floats)(const cvy_convolution *c, size_t rows);
    /* Compute the output rows `rows`. packed: the packed kernel; bias [filters], or NULL. */
    void (*forward_rows)(const cvy_compute *compute, const cvy_convolution *c, const float *x,
                         const float *packed, const float *bias, cvy_range rows, float *y,
                         size_t plane, float *scratch);
    /* Compute one sample, channels last, with the same bits as in a lane: x
     * [height][width][channels], y [rows][columns][filters]. The kernel is not packed. NULL: not
     * supported. */
    size_t (*sample_scratch_floats)(const cvy_convolution *c);
    void (*forward_sample)(const cvy_convolution *c, const float *x, const float *w,
                           const float *bias, float *y, float *scratch);
    /* Set dw to (or, if `accumulate`, add to it) the contribution of the output rows `rows`. dw has
     * the layout of w; only the filters `filters` are written,
     * and dy points to the first of them. */
    void (*add_weight_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                                const float *x, const float *dy, size_t plane, cvy_range rows,
                                cvy_range filters, bool accumulate, float *dw, float *scratch);
    /* Add to dx the contribution of the output rows `rows` to the rows `dx_rows` of the input, in
     * all channels; no other rows of dx change. Strips come in ascending order, and each but the
     * last has a multiple of cvy_convolution_tile_rows() rows. A backend may delay a contribution
     * until a later strip: so cvy_convolution_earlier_rows() rows before the strip, or as many as
     * there are, must be in memory before dy, and `is_last` marks the last strip. */
    void (*add_input_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                               const float *packed, const float *dy, size_t plane, cvy_range rows,
                               bool is_last, cvy_range dx_rows, float *dx, float *scratch);
} cvy_convolution_backend;

/* Best first, NULL-terminated. */
extern const cvy_convolution_backend *const cvy_convolution_backends[];

/** Choose a backend: the one for the chosen kernels, im2col if CONVOY_GEMM forces a GEMM, or the
 *  one named by the environment variable CONVOY_CONVOLUTION. Returns CVY_ERR_SETTING if that one is
 *  unknown or does not run here. */
cvy_status cvy_convolution_choose(const cvy_convolution_backend **backend);

/** The convolution backend of `compute`; never NULL. */
const cvy_convolution_backend *cvy_convolution_of(const cvy_compute *compute);

/** Floats of a packed kernel, and of scratch for strips of at most `rows` rows, with any backend. */
size_t cvy_convolution_packed(const cvy_convolution *c);
size_t cvy_convolution_scratch(const cvy_convolution *c, size_t rows);

/** Whether convoy's own backends compute y and dx by Winograd's F(2 x 2, 3 x 3)
 *  (convolution_winograd.c). Depends on nothing but the convolution: its bits are the same on every
 *  machine, in every batch. */
bool cvy_convolution_is_winograd(const cvy_convolution *c);

/** Rows of y that are computed together, and the rows before a strip that add_input_gradient
 *  reads. */
size_t cvy_convolution_tile_rows(const cvy_convolution *c);
size_t cvy_convolution_earlier_rows(const cvy_convolution *c);

/** Floats of scratch for one sample with any backend, whole vectors. */
size_t cvy_convolution_sample_scratch(const cvy_convolution *c);

/** The number of rows of w as a matrix [taps][filters]. */
static inline size_t cvy_convolution_taps(const cvy_convolution *c)
{
    return c->window.window_height * c->window.window_width * c->window.channels / c->groups;
}

#endif
