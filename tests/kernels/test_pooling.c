/* Max pooling of values at the ends of what a float holds. Ordinary values are checked by bench/kernels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"
#include "support/plain_lanes.h"

/* Arrays of one window's test. */
typedef struct {
    size_t image, output;
    float *x, *y, *dy, *dx, *expected_y, *expected_dx;
    uint8_t *winner, *expected_winner;
} arrays;

static arrays create_arrays(const cvy_window *w, int limit)
{
    arrays a = { .image = window_image_floats(w), .output = window_output_floats(w) };

    a.x = numbers_floats(a.image);
    a.dx = numbers_floats(a.image);
    a.expected_dx = numbers_floats(a.image);
    a.y = numbers_floats(a.output);
    a.dy = numbers_floats(a.output);
    a.expected_y = numbers_floats(a.output);
    a.winner = malloc(a.output);
    a.expected_winner = malloc(a.output);
    cr_assert(a.winner != NULL && a.expected_winner != NULL);
    numbers_fill_whole(1, limit, a.image, a.x);
    numbers_fill_whole(2, 50, a.output, a.dy);
    numbers_fill_whole(3, 50, a.image, a.dx); /* must be overwritten */
    return a;
}

static void release_arrays(arrays *a)
{
    free(a->x);
    free(a->y);
    free(a->dy);
    free(a->dx);
    free(a->expected_y);
    free(a->expected_dx);
    free(a->winner);
    free(a->expected_winner);
}

Test(pooling, the_largest_may_be_denormal_or_minus_infinity)
{
    static const float values[] = { -1e-40f, 0, 1e-40f, 2e-40f, -INFINITY, -1e38f };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < kernel_window_count; i++) {
            arrays a = create_arrays(&kernel_windows[i], 1);
            for (size_t j = 0; j < a.image; j++)
                a.x[j] = j % 5 == 0 ? -INFINITY : values[j / CVY_LANE * 7 % 6];
            for (size_t j = 0; j < a.output; j++) {
                window_place p = window_place_of(&kernel_windows[i], j);
                plain_window_max(&p, a.x, &a.expected_y[j], 0, NULL);
            }
            set->pooling->max_forward(&kernel_windows[i], a.x, a.y, a.winner);
            numbers_expect_same(a.output, a.y, a.expected_y, "%s, window %zu", set->name, i);
            release_arrays(&a);
        }
}

Test(pooling, no_channels_are_no_work)
{
    const cvy_window nothing = { 0, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0 };
    const cvy_kernels *set;
    float x[1] = { 7 };
    uint8_t winner[1] = { 7 };

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        set->pooling->max_forward(&nothing, x, x, winner);
        set->pooling->max_backward(&nothing, winner, x, x);
        set->pooling->average_forward(&nothing, x, x);
        set->pooling->average_backward(&nothing, x, x);
        cr_expect(eq(flt, x[0], 7), "%s", set->name);
    }
}

/* A NaN in any cell of a window is its largest, on every instruction set. */
Test(pooling, a_nan_is_not_hidden)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < kernel_window_count; i++) {
            const cvy_window *w = &kernel_windows[i];
            const size_t outputs = window_output_floats(w);
            float *x = numbers_floats(window_image_floats(w));
            float *y = numbers_floats(outputs);
            uint8_t *winner = calloc(outputs, 1);
            for (size_t o = 0; o < outputs; o += outputs / 7 + 1)
                for (size_t cell = 0; cell < window_cells(w); cell++) {
                    const window_place p = window_place_of(w, o);
                    size_t at;
                    if (!window_cell(&p, cell, &at))
                        continue;
                    numbers_fill_whole(3, 4, window_image_floats(w), x);
                    x[at] = NAN;
                    set->pooling->max_forward(w, x, y, winner);
                    cr_assert(isnan(y[o]), "%s: window %zu, output %zu, cell %zu", set->name, i, o,
                              cell);
                }
            free(x);
            free(y);
            free(winner);
        }
}
