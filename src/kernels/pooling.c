/* Max and average pooling of one lane. */
#include "kernels/vector.h"

/* One side of a window: cells k0 .. k1 - 1 are inside the image, the first at pixel `first`. */
typedef struct {
    size_t k0, k1, first;
} span;

static span clip(size_t position, size_t stride, size_t pad, size_t window, size_t size)
{
    size_t start = position * stride; /* in the padded image; padding is smaller than the window */
    size_t k0 = start < pad ? pad - start : 0;
    size_t room = size + pad - start;
    return (span){ k0, room < window ? room : window, start + k0 - pad };
}

static span rows_inside(const cvy_window *w, size_t row)
{
    return clip(row, w->stride_y, w->pad_top, w->window_height, w->height);
}

static span columns_inside(const cvy_window *w, size_t column)
{
    return clip(column, w->stride_x, w->pad_left, w->window_width, w->width);
}

/* Whether adjacent windows of 2 x 2 pixels are all inside the image. They need not cover the last
 * row or column. */
static bool is_two_by_two(const cvy_window *w)
{
    return w->window_height == 2 && w->window_width == 2 && w->stride_y == 2 && w->stride_x == 2 &&
           w->pad_top == 0 && w->pad_left == 0 && 2 * w->rows <= w->height &&
           2 * w->columns <= w->width;
}

static size_t image_floats(const cvy_window *w)
{
    return w->channels * w->height * w->width * CVY_LANE;
}

typedef int32_t numbers __attribute__((vector_size(VECTOR * sizeof(int32_t)), may_alias));
typedef uint8_t bytes __attribute__((vector_size(VECTOR), aligned(1), may_alias));

ALWAYS_INLINE vector choose(numbers condition, vector a, vector b)
{
    return (vector)(((numbers)a & condition) | ((numbers)b & ~condition));
}

/* The common case, in one pass without branches. Cells are numbered 0 1 / 2 3; a later cell wins
 * only if it is larger, so the first of equal ones wins. A window with a NaN gives NaN. */
ALWAYS_INLINE void max_forward_row(const cvy_window *w, const float *restrict x, float *restrict y,
                                   uint8_t *restrict winner)
{
    const size_t below = w->width * CVY_LANE;

    for (size_t column = 0; column < w->columns; column++, x += 2 * CVY_LANE)
        for (size_t part = 0; part < CVY_LANE; part += VECTOR, y += VECTOR, winner += VECTOR) {
            const vector a = vector_load(x + part), b = vector_load(x + CVY_LANE + part);
            const vector c = vector_load(x + below + part);
            const vector d = vector_load(x + below + CVY_LANE + part);
            const numbers is_right = (numbers)(b > a), is_right_below = (numbers)(d > c);
            const vector top = choose(is_right, b, a), bottom = choose(is_right_below, d, c);
            const numbers is_below = (numbers)(bottom > top);
            const numbers cell =
                ((is_right & 1) & ~is_below) | ((2 + (is_right_below & 1)) & is_below);
            /* comparisons miss a NaN; setting all bits of the maximum makes it one */
            const numbers lost = vector_unordered(a, b) | vector_unordered(c, d);
            vector_store(y, (vector)((numbers)choose(is_below, bottom, top) | lost));
            *(bytes *)winner = __builtin_convertvector(cell, bytes);
        }
}

static void max_forward_2x2(const cvy_window *w, const float *restrict x, float *restrict y,
                            uint8_t *restrict winner)
{
    const size_t step = w->columns * CVY_LANE;

    for (size_t c = 0; c < w->channels; c++, x += w->height * w->width * CVY_LANE)
        for (size_t row = 0; row < w->rows; row++, y += step, winner += step)
            max_forward_row(w, x + 2 * row * w->width * CVY_LANE, y, winner);
}

ALWAYS_INLINE void max_backward_row(const cvy_window *w, const uint8_t *restrict winner,
                                    const float *restrict dy, float *restrict dx)
{
    const size_t below = w->width * CVY_LANE;

    for (size_t column = 0; column < w->columns; column++, dx += 2 * CVY_LANE)
        for (size_t part = 0; part < CVY_LANE; part += VECTOR, dy += VECTOR, winner += VECTOR) {
            const numbers cell = __builtin_convertvector(*(const bytes *)winner, numbers);
            const numbers value = (numbers)vector_load(dy);
            float *to = dx + part;
            vector_store(to, (vector)(value & (numbers)(cell == 0)));
            vector_store(to + CVY_LANE, (vector)(value & (numbers)(cell == 1)));
            vector_store(to + below, (vector)(value & (numbers)(cell == 2)));
            vector_store(to + below + CVY_LANE, (vector)(value & (numbers)(cell == 3)));
        }
    for (size_t left = 2 * w->columns; left < w->width; left++, dx += CVY_LANE) {
        memset(dx, 0, CVY_LANE * sizeof *dx);
        memset(dx + below, 0, CVY_LANE * sizeof *dx);
    }
}

static void max_backward_2x2(const cvy_window *w, const uint8_t *restrict winner,
                             const float *restrict dy, float *restrict dx)
{
    const size_t step = w->columns * CVY_LANE, line = w->width * CVY_LANE;

    for (size_t c = 0; c < w->channels; c++) {
        for (size_t row = 0; row < w->rows; row++, dx += 2 * line, dy += step, winner += step)
            max_backward_row(w, winner, dy, dx);
        memset(dx, 0, (w->height - 2 * w->rows) * line * sizeof *dx);
        dx += (w->height - 2 * w->rows) * line;
    }
}

/* The first of equal values wins, except that a NaN always wins and stays. */
ALWAYS_INLINE void max_window(const cvy_window *w, span v, span h, const float *restrict image,
                              float *restrict y, uint8_t *restrict winner)
{
    for (size_t part = 0; part < CVY_LANE; part += VECTOR) {
        vector best = vector_spread(-INFINITY);
        numbers cell = (int32_t)(v.k0 * w->window_width + h.k0) - (numbers){ 0 };
        for (size_t ky = v.k0; ky < v.k1; ky++)
            for (size_t kx = h.k0; kx < h.k1; kx++) {
                const size_t pixel = (v.first + ky - v.k0) * w->width + h.first + kx - h.k0;
                const vector value = vector_load(image + pixel * CVY_LANE + part);
                const numbers is_best = (numbers)(value > best) | vector_unordered(value, value);
                const numbers here = (int32_t)(ky * w->window_width + kx) - (numbers){ 0 };
                cell = (here & is_best) | (cell & ~is_best);
                best = choose(is_best, value, best);
            }
        vector_store(y + part, best);
        *(bytes *)(winner + part) = __builtin_convertvector(cell, bytes);
    }
}

/* Add dy or 0 to every cell of the window, so that overlapping windows add up. */
ALWAYS_INLINE void max_window_backward(const cvy_window *w, span v, span h,
                                       const uint8_t *restrict winner, const float *restrict dy,
                                       float *restrict image)
{
    for (size_t part = 0; part < CVY_LANE; part += VECTOR) {
        const numbers cell = __builtin_convertvector(*(const bytes *)(winner + part), numbers);
        const numbers value = (numbers)vector_load(dy + part);
        for (size_t ky = v.k0; ky < v.k1; ky++)
            for (size_t kx = h.k0; kx < h.k1; kx++) {
                const size_t pixel = (v.first + ky - v.k0) * w->width + h.first + kx - h.k0;
                const numbers here = (int32_t)(ky * w->window_width + kx) - (numbers){ 0 };
                float *dx = image + pixel * CVY_LANE + part;
                vector_store(dx, vector_load(dx) + (vector)(value & (numbers)(cell == here)));
            }
    }
}

static void max_forward(const cvy_window *w, const float *x, float *y, uint8_t *winner)
{
    if (is_two_by_two(w)) {
        max_forward_2x2(w, x, y, winner);
        return;
    }
    for (size_t c = 0; c < w->channels; c++, x += w->height * w->width * CVY_LANE)
        for (size_t row = 0; row < w->rows; row++)
            for (size_t column = 0; column < w->columns; column++) {
                max_window(w, rows_inside(w, row), columns_inside(w, column), x, y, winner);
                y += CVY_LANE;
                winner += CVY_LANE;
            }
}

static void max_backward(const cvy_window *w, const uint8_t *winner, const float *dy, float *dx)
{
    if (is_two_by_two(w)) {
        max_backward_2x2(w, winner, dy, dx);
        return;
    }
    memset(dx, 0, image_floats(w) * sizeof *dx);
    for (size_t c = 0; c < w->channels; c++, dx += w->height * w->width * CVY_LANE)
        for (size_t row = 0; row < w->rows; row++)
            for (size_t column = 0; column < w->columns; column++) {
                max_window_backward(w, rows_inside(w, row), columns_inside(w, column), winner, dy,
                                    dx);
                dy += CVY_LANE;
                winner += CVY_LANE;
            }
}

static void average_forward(const cvy_window *w, const float *restrict x, float *restrict y)
{
    for (size_t c = 0; c < w->channels; c++, x += w->height * w->width * CVY_LANE)
        for (size_t row = 0; row < w->rows; row++)
            for (size_t column = 0; column < w->columns; column++, y += CVY_LANE) {
                const span v = rows_inside(w, row), h = columns_inside(w, column);
                const float share = 1.0f / (float)((v.k1 - v.k0) * (h.k1 - h.k0));
                float sum[CVY_LANE] = { 0 };
                for (size_t i = v.first; i < v.first + v.k1 - v.k0; i++)
                    for (size_t j = h.first; j < h.first + h.k1 - h.k0; j++)
                        for (size_t s = 0; s < CVY_LANE; s++)
                            sum[s] += x[(i * w->width + j) * CVY_LANE + s];
                for (size_t s = 0; s < CVY_LANE; s++)
                    y[s] = share * sum[s];
            }
}

static void average_backward(const cvy_window *w, const float *restrict dy, float *restrict dx)
{
    memset(dx, 0, image_floats(w) * sizeof *dx);
    for (size_t c = 0; c < w->channels; c++, dx += w->height * w->width * CVY_LANE)
        for (size_t row = 0; row < w->rows; row++)
            for (size_t column = 0; column < w->columns; column++, dy += CVY_LANE) {
                const span v = rows_inside(w, row), h = columns_inside(w, column);
                const float share = 1.0f / (float)((v.k1 - v.k0) * (h.k1 - h.k0));
                for (size_t i = v.first; i < v.first + v.k1 - v.k0; i++)
                    for (size_t j = h.first; j < h.first + h.k1 - h.k0; j++)
                        for (size_t s = 0; s < CVY_LANE; s++)
                            dx[(i * w->width + j) * CVY_LANE + s] += share * dy[s];
            }
}

/* --- one sample, channels last --- */

static void max_sample(const cvy_window *w, const float *restrict x, float *restrict y)
{
    const size_t channels = w->channels;

    for (size_t row = 0; row < w->rows; row++)
        for (size_t column = 0; column < w->columns; column++, y += channels) {
            const span v = rows_inside(w, row), h = columns_inside(w, column);
            for (size_t c = 0; c < channels; c++)
                y[c] = -INFINITY;
            for (size_t i = v.first; i < v.first + v.k1 - v.k0; i++)
                for (size_t j = h.first; j < h.first + h.k1 - h.k0; j++) {
                    const float *cell = x + (i * w->width + j) * channels;
                    for (size_t c = 0; c < channels; c++)
                        y[c] = cell[c] > y[c] || cell[c] != cell[c] ? cell[c] : y[c];
                }
        }
}

static void average_sample(const cvy_window *w, const float *restrict x, float *restrict y)
{
    const size_t channels = w->channels;

    for (size_t row = 0; row < w->rows; row++)
        for (size_t column = 0; column < w->columns; column++, y += channels) {
            const span v = rows_inside(w, row), h = columns_inside(w, column);
            const float share = 1.0f / (float)((v.k1 - v.k0) * (h.k1 - h.k0));
            for (size_t c = 0; c < channels; c++)
                y[c] = 0;
            for (size_t i = v.first; i < v.first + v.k1 - v.k0; i++)
                for (size_t j = h.first; j < h.first + h.k1 - h.k0; j++)
                    for (size_t c = 0; c < channels; c++)
                        y[c] += x[(i * w->width + j) * channels + c];
            for (size_t c = 0; c < channels; c++)
                y[c] = share * y[c];
        }
}

extern const cvy_pooling_kernels CVY_FOR_ISA(cvy_pooling_kernels);
const cvy_pooling_kernels CVY_FOR_ISA(cvy_pooling_kernels) = {
    .max_forward = max_forward,
    .max_backward = max_backward,
    .average_forward = average_forward,
    .average_backward = average_backward,
    .max_sample = max_sample,
    .average_sample = average_sample,
};
