/* Declarations shared by the files of the direct convolution: convolution_direct.c, which is
 * compiled once, and convolution_tiles.c and convolution_gradient.c, which are compiled once per
 * instruction set. */
#ifndef CVY_KERNELS_CONVOLUTION_DIRECT_H
#define CVY_KERNELS_CONVOLUTION_DIRECT_H

#include "kernels/convolution.h"

/* The most outputs and pixels of a tile of lanes. */
enum { CVY_TILE_OUTPUTS = 8, CVY_TILE_PIXELS = 6 };

/* A run of taps a fixed step apart, both in the input and in the weights. */
typedef struct {
    uint32_t from, w;
} cvy_tap_run;

/* Sums over the taps, for pixels with the same taps and for some outputs `plane` floats apart; the
 * outputs of the next pixel begin `pixel` floats further. A tap's weights for the outputs are
 * contiguous. */
typedef struct {
    const cvy_tap_run *runs;
    size_t run_count, run_taps;
    ptrdiff_t from_step, w_step;
    size_t outputs, plane, pixel;
    const float *w;
    const float *start; /* initial values of the outputs' sums; NULL: the present ones */
    size_t start_step;  /* floats from one output's initial values to the next */
} cvy_tap_sums;

/* The pixels of a tile: their inputs, the initial values of their sums, and their outputs. */
typedef struct {
    const float *from[CVY_TILE_PIXELS], *start[CVY_TILE_PIXELS];
    float *to[CVY_TILE_PIXELS];
} cvy_tile_pixels;

/* Pixels of one sample, a fixed step apart, which have the same taps. Outputs lie side by side. */
typedef struct {
    size_t pixels;
    const float *from;
    float *to;
    size_t from_step, to_step;
} cvy_sample_line;

/* One instruction set's tiles: of lanes, or of one sample. */
typedef struct {
    size_t most; /* the most outputs times pixels of a tile of lanes */
    /* Compute the outputs of a range in tiles of `outputs` outputs. There must be at least one run
     * with one tap. */
    void (*run)(size_t outputs, size_t width, const cvy_tap_sums *s, const cvy_tile_pixels *at,
                cvy_range range);
    /* All outputs of a line; NULL: these are tiles of lanes. */
    void (*run_line)(const cvy_tap_sums *s, const cvy_sample_line *line);
} cvy_tiles;

/** forward_rows, forward_sample and add_input_gradient of kernels/convolution.h, with these
 *  tiles; turned is the kernel transposed. */
void cvy_direct_forward(const cvy_tiles *tiles, const cvy_convolution *c, const float *x,
                        const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                        float *scratch);
void cvy_direct_forward_sample(const cvy_tiles *tiles, const cvy_convolution *c, const float *x,
                               const float *w, const float *bias, float *y, float *scratch);
void cvy_direct_input_gradient(const cvy_tiles *tiles, const cvy_convolution *c,
                               const float *turned, const float *dy, size_t plane, cvy_range rows,
                               cvy_range dx_rows, float *dx, float *scratch);

/** Sums for `count` pixels of a lane side by side, both in the input and in the output. */
void cvy_direct_line(const cvy_tiles *tiles, const cvy_tap_sums *s, size_t count, const float *from,
                     float *to);

/** Transpose each group's kernel: for each cell and filter, the weights of the group's channels.
 *  turned has as many floats as w. */
void cvy_direct_turn_kernel(const cvy_convolution *c, const float *w, float *turned);

/** Floats of scratch for lanes, and for a sample. */
size_t cvy_direct_scratch(const cvy_convolution *c);
size_t cvy_direct_sample_scratch(const cvy_convolution *c);

#ifdef CVY_ISA
/** run_line of cvy_tiles. */
void CVY_FOR_ISA(cvy_sample_line)(const cvy_tap_sums *s, const cvy_sample_line *line);

/** Floats of scratch for the kernel's gradient with strips of at most `rows` rows. */
size_t CVY_FOR_ISA(cvy_convolution_gradient_scratch)(const cvy_convolution *c, size_t rows);

/** add_weight_gradient of kernels/convolution.h. */
void CVY_FOR_ISA(cvy_convolution_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                                           const float *x, const float *dy, size_t plane,
                                           cvy_range rows, cvy_range filters, bool accumulate,
                                           float *dw, float *scratch);
#endif

#endif
