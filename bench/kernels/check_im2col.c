/* im2col and its transpose against loops over single cells. Numbers are integers, so sums are exact
 * and bits are compared. */
#include <string.h>

#include "checks.h"
#include "support/kernel_sets.h"

typedef void visitor(float *image, float *column);

static void gather_cell(float *image, float *column)
{
    for (size_t s = 0; s < CVY_LANE; s++)
        column[s] = image != NULL ? image[s] : 0;
}

static void scatter_cell(float *image, float *column)
{
    for (size_t s = 0; image != NULL && s < CVY_LANE; s++)
        image[s] += column[s];
}

/* Visit the cells in the order of the column matrix.
 * The image pointer is NULL outside the image. */
static void visit(const cvy_window *w, cvy_range rows, float *image, float *col, visitor *cell)
{
    for (size_t ky = 0; ky < w->window_height; ky++)
        for (size_t kx = 0; kx < w->window_width; kx++)
            for (size_t c = 0; c < w->channels; c++)
                for (size_t i = rows.begin * w->columns; i < rows.end * w->columns;
                     i++, col += CVY_LANE) {
                    size_t pixel;
                    const bool is_inside =
                        window_pixel(w, c, i / w->columns, i % w->columns, ky, kx, &pixel);
                    cell(is_inside ? image + pixel * CVY_LANE : NULL, col);
                }
}

static void check_rows(const check_subject *subject, const cvy_window *w, cvy_range rows)
{
    const cvy_im2col_kernels *kernels = subject->compute.kernels->im2col;
    const size_t count = rows.end - rows.begin, image = window_image_floats(w);
    const size_t floats =
        w->window_height * w->window_width * w->channels * count * w->columns * CVY_LANE;

    check_begin("%zu x %zu x %zu, %zu x %zu, rows %zu to %zu", w->height, w->width, w->channels,
                w->window_height, w->window_width, rows.begin, rows.end);
    float *x = check_floats(image), *dx = check_floats(image), *expected_dx = check_floats(image);
    float *col = check_floats(floats), *expected = check_floats(floats);
    check_fill_whole(7, 100, image, x);
    kernels->gather(w, x, rows.begin, count, col);
    visit(w, rows, x, expected, gather_cell);
    check_same("columns", floats * sizeof *col, col, expected);

    check_fill_whole(9, 100, floats, col);
    memcpy(dx, x, image * sizeof *x); /* previous values, to which scatter() adds */
    memcpy(expected_dx, x, image * sizeof *x);
    kernels->scatter(w, col, rows.begin, count, 0, w->height / 3, dx);
    kernels->scatter(w, col, rows.begin, count, w->height / 3, w->height, dx);
    visit(w, rows, expected_dx, col, scatter_cell);
    check_same("dx", image * sizeof *dx, dx, expected_dx);
    check_end();
}

static void run(const check_subject *subject)
{
    for (size_t i = 0; i < kernel_window_count; i++) {
        const cvy_window *w = &kernel_windows[i];
        check_rows(subject, w, (cvy_range){ 0, 0 });
        for (size_t count = 1; count <= w->rows; count++)
            for (size_t row = 0; row + count <= w->rows; row += count)
                check_rows(subject, w, (cvy_range){ row, row + count });
    }
}

const kernel_check check_im2col = { "im2col", false, run };
