/* im2col and its transpose for one lane. Whole runs of pixels are copied; a pixel is 64 bytes. */
#include "kernels/kernels.h"

#include <string.h>

/* The output columns, first .. last - 1, for which a column of the window is inside the image. */
typedef struct {
    size_t first, last;
} column_range;

static column_range columns_inside(const cvy_window *w, size_t cell)
{
    const size_t columns = w->columns, kx = cell * (w->gap_x + 1);
    size_t first = kx >= w->pad_left ? 0 : (w->pad_left - kx + w->stride_x - 1) / w->stride_x;
    size_t reach = w->width + w->pad_left; /* column ox is inside while ox * stride + kx < reach */
    size_t last = reach > kx ? (reach - kx + w->stride_x - 1) / w->stride_x : 0;

    last = last < columns ? last : columns;
    return (column_range){ first < last ? first : last, last };
}

/* Compute the image row that output row `row` reads with row ky of the window. Return false if it
 * is not in begin .. end - 1. */
static bool row_inside(const cvy_window *w, size_t row, size_t ky, size_t begin, size_t end,
                       size_t *image_row)
{
    const size_t y = row * w->stride_y + ky * (w->gap_y + 1);
    if (y < w->pad_top + begin || y >= w->pad_top + end)
        return false;
    *image_row = y - w->pad_top;
    return true;
}

static void gather_row(const cvy_window *w, const float *restrict x, column_range inside,
                       size_t cell, float *restrict col)
{
    const size_t pixel = CVY_LANE * sizeof *x, kx = cell * (w->gap_x + 1);

    memset(col, 0, inside.first * pixel);
    if (w->stride_x == 1 && inside.first < inside.last)
        memcpy(col + inside.first * CVY_LANE, x + (inside.first + kx - w->pad_left) * CVY_LANE,
               (inside.last - inside.first) * pixel);
    else
        for (size_t column = inside.first; column < inside.last; column++)
            memcpy(col + column * CVY_LANE,
                   x + (column * w->stride_x + kx - w->pad_left) * CVY_LANE, pixel);
    memset(col + inside.last * CVY_LANE, 0, (w->columns - inside.last) * pixel);
}

static void gather(const cvy_window *w, const float *x, size_t first_row, size_t row_count,
                   float *col)
{
    const size_t row_floats = w->columns * CVY_LANE;

    for (size_t ky = 0; ky < w->window_height; ky++)
        for (size_t kx = 0; kx < w->window_width; kx++) {
            const column_range inside = columns_inside(w, kx);
            for (size_t c = 0; c < w->channels; c++)
                for (size_t row = first_row; row < first_row + row_count; row++) {
                    size_t image_row;
                    if (row_inside(w, row, ky, 0, w->height, &image_row))
                        gather_row(w, x + (c * w->height + image_row) * w->width * CVY_LANE, inside,
                                   kx, col);
                    else
                        memset(col, 0, row_floats * sizeof *col);
                    col += row_floats;
                }
        }
}

static void scatter_row(const cvy_window *w, const float *restrict col, column_range inside,
                        size_t cell, float *restrict dx)
{
    const size_t kx = cell * (w->gap_x + 1);

    for (size_t column = inside.first; column < inside.last; column++) {
        float *restrict to = dx + (column * w->stride_x + kx - w->pad_left) * CVY_LANE;
        for (size_t s = 0; s < CVY_LANE; s++)
            to[s] += col[column * CVY_LANE + s];
    }
}

static void scatter(const cvy_window *w, const float *col, size_t first_row, size_t row_count,
                    size_t dx_begin, size_t dx_end, float *dx)
{
    for (size_t ky = 0; ky < w->window_height; ky++)
        for (size_t kx = 0; kx < w->window_width; kx++) {
            const column_range inside = columns_inside(w, kx);
            for (size_t c = 0; c < w->channels; c++)
                for (size_t row = first_row; row < first_row + row_count; row++) {
                    size_t image_row;
                    if (row_inside(w, row, ky, dx_begin, dx_end, &image_row))
                        scatter_row(w, col, inside, kx,
                                    dx + (c * w->height + image_row) * w->width * CVY_LANE);
                    col += w->columns * CVY_LANE;
                }
        }
}

extern const cvy_im2col_kernels CVY_FOR_ISA(cvy_im2col_kernels);
const cvy_im2col_kernels CVY_FOR_ISA(cvy_im2col_kernels) = { .gather = gather, .scatter = scatter };
