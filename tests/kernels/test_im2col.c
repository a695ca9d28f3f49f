/* im2col and its transpose against loops that ask for one cell at a time. The numbers are whole,
 * so sums are exact and every comparison is of bits. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"

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

/* Visits the cells in the order of the column matrix: image is NULL outside. */
static void visit(const cvy_window *w, size_t first_row, size_t row_count, float *image, float *col,
                  visitor *cell)
{
    for (size_t ky = 0; ky < w->window_height; ky++)
        for (size_t kx = 0; kx < w->window_width; kx++)
            for (size_t c = 0; c < w->channels; c++)
                for (size_t i = 0; i < row_count * w->columns; i++, col += CVY_LANE) {
                    size_t pixel, row = first_row + i / w->columns;
                    bool is_inside = window_pixel(w, c, row, i % w->columns, ky, kx, &pixel);
                    cell(is_inside ? image + pixel * CVY_LANE : NULL, col);
                }
}

static size_t column_floats(const cvy_window *w, size_t row_count)
{
    return w->window_height * w->window_width * w->channels * row_count * w->columns * CVY_LANE;
}

static void check_gather(const cvy_kernels *set, const cvy_window *w, size_t number, size_t rows)
{
    const size_t floats = column_floats(w, rows);
    float *x = numbers_floats(window_image_floats(w));
    float *col = numbers_floats(floats), *expected = numbers_floats(floats);

    numbers_fill_whole(7, 100, window_image_floats(w), x);
    for (size_t row = 0; row + rows <= w->rows; row++) {
        numbers_fill_whole(8, 100, floats, col); /* all of it must be written */
        set->im2col->gather(w, x, row, rows, col);
        visit(w, row, rows, x, expected, gather_cell);
        numbers_expect_same(floats, col, expected, "%s, window %zu, rows %zu + %zu", set->name,
                            number, row, rows);
    }
    free(x);
    free(col);
    free(expected);
}

static void check_scatter(const cvy_kernels *set, const cvy_window *w, size_t number, size_t rows)
{
    const size_t floats = column_floats(w, rows), image = window_image_floats(w);
    float *dx = numbers_floats(image), *expected = numbers_floats(image);
    float *col = numbers_floats(floats);

    numbers_fill_whole(9, 100, floats, col);
    numbers_fill_whole(10, 100, image, dx); /* what was there stays, and is added to */
    numbers_fill_whole(10, 100, image, expected);
    for (size_t row = 0; row + rows <= w->rows; row++) {
        set->im2col->scatter(w, col, row, rows, 0, w->height / 3, dx);
        set->im2col->scatter(w, col, row, rows, w->height / 3, w->height, dx);
        visit(w, row, rows, expected, col, scatter_cell);
    }
    numbers_expect_same(image, dx, expected, "%s, window %zu, %zu rows", set->name, number, rows);
    free(dx);
    free(expected);
    free(col);
}

typedef void checker(const cvy_kernels *set, const cvy_window *w, size_t number, size_t rows);

/* Every set and window, with each number of rows at a time from one to all. */
static void check_all(checker *check)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < kernel_window_count; i++)
            for (size_t rows = 1; rows <= kernel_windows[i].rows; rows++)
                check(set, &kernel_windows[i], i, rows);
}

Test(im2col, gather_reads_what_each_weight_meets)
{
    check_all(check_gather);
}

Test(im2col, scatter_adds_where_gather_read)
{
    check_all(check_scatter);
}

Test(im2col, no_rows_are_no_work)
{
    const cvy_kernels *set;
    float nothing[1] = { 7 };

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        set->im2col->gather(&kernel_windows[1], nothing, 0, 0, nothing);
        set->im2col->scatter(&kernel_windows[1], nothing, 0, 0, 0, 0, nothing);
        cr_expect(eq(flt, nothing[0], 7), "%s", set->name);
    }
}
