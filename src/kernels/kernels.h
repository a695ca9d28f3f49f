/* The loops over lanes: everything that a step computes except GEMM.
 *
 * A lane is CVY_LANE samples side by side, with the sample as the innermost index: an activation of
 * c channels, h rows and w columns is [c][h][w][CVY_LANE] floats, a flat one [features][CVY_LANE].
 * All pointers are 64-byte aligned. Kernels allocate nothing, cannot fail, and give the same bits
 * on any worker.
 *
 * Each file of kernels is compiled once per instruction set (CVY_ISA). Each compilation exports one
 * table, and isa.c gathers them. kernels.c chooses at run time. */
#ifndef CVY_KERNELS_KERNELS_H
#define CVY_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/error.h"

enum { CVY_LANE = 16, CVY_CHANNELS_MAX = 4 }; /* channels of an input image */

/** The lanes that hold n samples; the last one may be filled in part. */
static inline size_t cvy_lanes_of(size_t n)
{
    return (n + CVY_LANE - 1) / CVY_LANE;
}

/** n floats, rounded up to whole lanes, which are whole cache lines as well. */
static inline size_t cvy_whole_lanes(size_t n)
{
    return cvy_lanes_of(n) * CVY_LANE;
}

#define CVY_PASTE_NOW(a, b)   a##_##b
#define CVY_PASTE(a, b)       CVY_PASTE_NOW(a, b)
#define CVY_FOR_ISA(name)     CVY_PASTE(name, CVY_ISA)

#define CVY_ISA_TEXT_NOW(isa) #isa
#define CVY_ISA_TEXT(isa)     CVY_ISA_TEXT_NOW(isa)

/* A window sliding over rows and columns. It may extend beyond the edges by the padding. */
typedef struct {
    size_t channels, height, width; /* of the input */
    size_t rows, columns;           /* numbers of positions, which are the output's size */
    size_t window_height, window_width, stride_y, stride_x, pad_top, pad_left;
    /* Pixels between two neighbouring cells of the window: Keras's dilation_rate - 1. Pooling
     * requires 0. */
    size_t gap_y, gap_x;
} cvy_window;

/* The numbers begin .. end - 1. */
typedef struct {
    size_t begin, end;
} cvy_range;

/* x [channels][height][width][LANE]; col [wh * ww * channels][row_count * columns * LANE]: row
 * (ky, kx, c) of col contains the pixels that weight (ky, kx, c) is multiplied with, for all
 * positions in the output rows first_row .. first_row + row_count - 1; zero outside the image. */
typedef struct {
    void (*gather)(const cvy_window *window, const float *x, size_t first_row, size_t row_count,
                   float *col);
    /* The transpose: add col to the pixels of dx that gather() would read, only in the image's rows
     * dx_begin .. dx_end - 1. */
    void (*scatter)(const cvy_window *window, const float *col, size_t first_row, size_t row_count,
                    size_t dx_begin, size_t dx_end, float *dx);
} cvy_im2col_kernels;

/* x [channels][height][width][LANE], y [channels][rows][columns][LANE]. */
typedef struct {
    /* winner, with the shape of y: the cell of the maximum;
     * of equal ones, the first in row-major order. */
    void (*max_forward)(const cvy_window *window, const float *x, float *y, uint8_t *winner);
    void (*max_backward)(const cvy_window *window, const uint8_t *winner, const float *dy,
                         float *dx);
    /* The mean of the cells inside the image. */
    void (*average_forward)(const cvy_window *window, const float *x, float *y);
    void (*average_backward)(const cvy_window *window, const float *dy, float *dx);
    /* Forward of one sample, channels last: x [height][width][channels], y [rows][columns][channels]. */
    void (*max_sample)(const cvy_window *window, const float *x, float *y);
    void (*average_sample)(const cvy_window *window, const float *x, float *y);
} cvy_pooling_kernels;

typedef enum {
    CVY_RELU,
    CVY_LEAKY_RELU,
    CVY_ELU,
    CVY_GELU,
    CVY_SIGMOID,
    CVY_TANH,
    CVY_SELU,
    CVY_EXPONENTIAL,
    /* for gelu and all below, backward reads the input */
    CVY_CELU,
    CVY_GELU_TANH,
    CVY_HARD_SHRINK,
    CVY_HARD_SIGMOID,
    CVY_HARD_SILU,
    CVY_HARD_TANH,
    CVY_LOG_SIGMOID,
    CVY_MISH,
    CVY_SILU,
    CVY_SOFTPLUS,
    CVY_SOFTSIGN,
    CVY_SOFT_SHRINK,
    CVY_SPARSE_PLUS,
    CVY_SPARSE_SIGMOID,
    CVY_SQUAREPLUS,
    CVY_TANH_SHRINK,
    CVY_ELEMENTWISE_COUNT,
} cvy_elementwise;

/* Keras's general ReLU: x between `threshold` and `max`, `max` above,
 * slope (x - threshold) below. */
typedef struct {
    float slope, threshold, max;
} cvy_relu_form;

/* n floats, a multiple of LANE. alpha: the slope of leaky_relu below zero, the scale of elu and
 * celu, the threshold of the shrink functions, b of squareplus. forward: x and y may be the same.
 * backward: v is the function's output or input, see cvy_elementwise; dx and dy may be the same. */
typedef struct {
    void (*forward[CVY_ELEMENTWISE_COUNT])(size_t n, float alpha, const float *x, float *y);
    void (*backward[CVY_ELEMENTWISE_COUNT])(size_t n, float alpha, const float *v, const float *dy,
                                            float *dx);
    /* v is the input. */
    void (*relu_forward)(size_t n, const cvy_relu_form *form, const float *x, float *y);
    void (*relu_backward)(size_t n, const cvy_relu_form *form, const float *v, const float *dy,
                          float *dx);
    /* Gated linear unit: y[i] = x[i] sigmoid(x[i + half]) for n values of i; backward writes both
     * halves of dx. */
    void (*glu_forward)(size_t n, size_t half, const float *x, float *y);
    void (*glu_backward)(size_t n, size_t half, const float *x, const float *dy, float *dx);
} cvy_activation_kernels;

/* Over `classes` values, `stride` floats apart, for `positions` contiguous lanes:
 * x [classes][stride], of which positions * LANE floats of each row are used. */
enum { CVY_NO_CLASS = UINT16_MAX };

typedef struct {
    void (*forward)(size_t classes, size_t positions, size_t stride, const float *x, float *y);
    void (*backward)(size_t classes, size_t positions, size_t stride, const float *y,
                     const float *dy, float *dx);
    void (*log_forward)(size_t classes, size_t positions, size_t stride, const float *x, float *y);
    void (*log_backward)(size_t classes, size_t positions, size_t stride, const float *y,
                         const float *dy, float *dx);
    /* Sparsemax: the point nearest to x whose values are not negative and sum to 1. */
    void (*sparse_forward)(size_t classes, size_t positions, size_t stride, const float *x,
                           float *y);
    void (*sparse_backward)(size_t classes, size_t positions, size_t stride, const float *y,
                            const float *dy, float *dx);
    /* For each sample -sum of t log softmax(z) over the classes, with the target t =
     * one_hot(label) * (1 - smoothing) + smoothing / classes. */
    void (*cross_entropy)(size_t classes, const float *z, const uint16_t label[CVY_LANE],
                          float smoothing, float loss[CVY_LANE]);
    /* dz = weight * (softmax(z) - t). */
    void (*cross_entropy_back)(size_t classes, const float *z, const uint16_t label[CVY_LANE],
                               float smoothing, const float weight[CVY_LANE], float *dz);
    /* The class with the largest value, the lowest of equal ones;
     * CVY_NO_CLASS if any value is NaN. */
    void (*argmax)(size_t classes, const float *z, uint16_t best[CVY_LANE]);
} cvy_softmax_kernels;

enum { CVY_DROPOUT_UNIT = 8 }; /* elements decided by one draw */

/* The random numbers of a lane's dropout: one counter per sample, so a sample's mask depends only
 * on its position in the epoch. Augmentations draw by the number of the image. */
typedef struct {
    uint32_t key[2];
    uint32_t major, purpose;
    uint32_t position[CVY_LANE];
    uint32_t sample[CVY_LANE]; /* number of the image */
    size_t augmentations;      /* number of those of --augment, which precede the model's */
} cvy_dropout_stream;

typedef struct {
    /* Over [rows][LANE], which are a sample's elements from first_row, a multiple of
     * CVY_DROPOUT_UNIT: keep each element with probability 1 - threshold / 65536 and multiply it by
     * scale, else set it to 0. kept: 1 or 0 for each. x and y may be the same. */
    void (*forward)(size_t first_row, size_t rows, const cvy_dropout_stream *stream,
                    uint32_t threshold, float scale, const float *x, float *y, uint8_t *kept);
    void (*backward)(size_t rows, float scale, const uint8_t *kept, const float *dy, float *dx);
    /* cvy_random_words() for 16 indices, given as low and high halves: word w of sample s is
     * words[w][s]. Uses only key, major and purpose of the stream. */
    void (*draw)(const cvy_dropout_stream *stream, const uint32_t low[CVY_LANE],
                 const uint32_t high[CVY_LANE], uint32_t words[4][CVY_LANE]);
} cvy_dropout_kernels;

typedef struct {
    /* Write byte * scale + offset of 16 images, each [positions][channels] bytes, to a lane
     * [channels][positions][LANE], only for positions begin .. end - 1. A NULL image (an empty
     * element) counts as all background. At most CVY_CHANNELS_MAX channels. */
    void (*gather_images)(size_t positions, size_t channels, size_t begin, size_t end,
                          const uint8_t *const image[CVY_LANE], float scale, float offset,
                          float *x);
    /* Write value * scale + offset of 16 images of floats to a lane, for all positions. */
    void (*gather_floats)(size_t positions, size_t channels, const float *const image[CVY_LANE],
                          float scale, float offset, float *x);
    /* Set n floats to 0. */
    void (*clear)(size_t n, float *x);
    /* Fill each of `channels` rows of n floats, `stride` apart, with its bias. */
    void (*spread_bias)(size_t channels, size_t n, size_t stride, const float *bias, float *y);
    /* sums[c] (+)= the sum of row c, for `channels` rows of n floats (a multiple of LANE), `stride`
     * apart: partial sums side by side, then a tree. */
    void (*sum_rows)(size_t channels, size_t n, size_t stride, const float *x, bool accumulate,
                     float *sums);
    /* Transpose [channels][positions] lanes to [positions][channels], Keras's order for Flatten,
     * and back, only for positions begin .. end - 1. */
    void (*channels_last)(size_t channels, size_t positions, size_t begin, size_t end,
                          const float *x, float *y);
    void (*channels_first)(size_t channels, size_t positions, size_t begin, size_t end,
                           const float *x, float *y);
    void (*copy)(size_t n, const float *x, float *y);
    /* Transpose rows begin .. end - 1 of x [rows][LANE] to y [LANE][stride], samples outermost. */
    void (*samples_first)(size_t stride, size_t begin, size_t end, const float *x, float *y);
    /* sum[i] (+)= parts[0][i] + parts[1][i] + ... for i < n, added in a binary tree over the
     * indices of the parts; part p begins at first + p * stride. At most 2^16 parts. */
    void (*tree_sum)(size_t n, size_t part_count, size_t stride, const float *first,
                     bool accumulate, float *sum);
    /* The largest of n absolute values, as the bits of a float: infinity is larger than every
     * finite value (at most 0x7f7fffff), and NaN is larger than infinity. */
    uint32_t (*largest)(size_t n, const float *x);
} cvy_lane_kernels;

/* Over `channels` rows of n floats, a multiple of LANE. Of every LANE floats only the first
 * `filled` count. */
typedef struct {
    /* sums[c] = sum of x; products[c] = sum of x x. */
    void (*measure)(size_t channels, size_t n, size_t filled, const float *x, double *sums,
                    double *products);
    /* sums[c] = sum of dy; products[c] = sum of dy (x - center[c]). */
    void (*measure_gradient)(size_t channels, size_t n, size_t filled, const float *center,
                             const float *x, const float *dy, double *sums, double *products);
    /* y = scale[c] (x - center[c]) + shift[c], in all elements of a lane. */
    void (*forward)(size_t channels, size_t n, const float *center, const float *scale,
                    const float *shift, const float *x, float *y);
    /* dx = scale[c] dy + slope[c] (x - center[c]) + shift[c], and 0 from element `filled` on. */
    void (*backward)(size_t channels, size_t n, size_t filled, const float *center,
                     const float *scale, const float *slope, const float *shift, const float *x,
                     const float *dy, float *dx);
} cvy_normalization_kernels;

typedef struct {
    /* Multiply and add in registers for `rounds` rounds. Returns the number of floating-point
     * operations. Writing `result` keeps the compiler from removing the work. */
    double (*run)(size_t rounds, float *result);
} cvy_fma_peak_kernels;

typedef struct {
    const char *name;
    bool (*is_usable)(const cvy_cpu *cpu);
    const cvy_lane_kernels *lane;
    const cvy_im2col_kernels *im2col;
    const cvy_pooling_kernels *pooling;
    const cvy_activation_kernels *activation;
    const cvy_softmax_kernels *softmax;
    const cvy_dropout_kernels *dropout;
    const cvy_normalization_kernels *normalization;
    const cvy_fma_peak_kernels *fma_peak;
} cvy_kernels;

/* Best first, NULL-terminated. */
extern const cvy_kernels *const cvy_kernel_sets[];

/** Choose the first usable set, or the one named by the environment variable CONVOY_ISA.
 *  Returns CVY_ERR_SETTING if that one is unknown or does not run here. */
cvy_status cvy_kernels_choose(const cvy_kernels **kernels);

#endif
