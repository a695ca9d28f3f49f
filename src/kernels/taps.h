/* The taps of a kernel that a pixel has, axis by axis: at an edge some are outside the image. */
#ifndef CVY_KERNELS_TAPS_H
#define CVY_KERNELS_TAPS_H

#include "kernels/kernels.h"

/* One axis of a convolution: input pixel = output * stride + tap * spread - pad. */
typedef struct {
    size_t input, output, taps, stride, spread, pad;
} cvy_axis;

static inline cvy_axis cvy_axis_y(const cvy_window *w)
{
    return (
        cvy_axis){ w->height, w->rows, w->window_height, w->stride_y, w->gap_y + 1, w->pad_top };
}

static inline cvy_axis cvy_axis_x(const cvy_window *w)
{
    return (
        cvy_axis){ w->width, w->columns, w->window_width, w->stride_x, w->gap_x + 1, w->pad_left };
}

/* Pixels of one axis that have the same taps: `count` pixels first, first + step, ... Their taps
 * are first_tap, first_tap + tap_step, ... (tap_count of them, maybe none). The first pixel's first
 * tap reads pixel `source` of the source; the next pixel reads `pixel_move` further, the next tap
 * `tap_move` further. */
typedef struct {
    size_t first, count, step;
    size_t first_tap, tap_count;
    ptrdiff_t tap_step;
    size_t source, pixel_move, tap_move;
} cvy_span;

/** The span of output pixels that starts at `at` and ends before `end`; they read the input.
 *  Taps ascend. */
cvy_span cvy_span_forward(const cvy_axis *axis, size_t at, size_t end);

/** The span of input pixels that starts at `at` and ends before `end`, in steps of the stride; the
 *  output pixels `of` have read them. Taps descend. */
cvy_span cvy_span_backward(const cvy_axis *axis, size_t at, size_t end, cvy_range of);

#endif
