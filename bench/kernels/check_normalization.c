/* Sums over channels, which are in double precision and so exact except for the roundings of their
 * terms, and scaling and shifting of channels. */
#include <math.h>

#include "checks.h"

typedef struct {
    size_t channels, n, filled;
    float *x, *dy, *center, *scale, *slope, *shift;
} arrays;

static arrays create(size_t channels, size_t n, size_t filled)
{
    float **at[6];
    arrays a = { .channels = channels, .n = n, .filled = filled };

    at[0] = &a.x, at[1] = &a.dy, at[2] = &a.center;
    at[3] = &a.scale, at[4] = &a.slope, at[5] = &a.shift;
    for (uint32_t i = 0; i < 6; i++) {
        const size_t count = i < 2 ? channels * n : channels;
        *at[i] = check_floats(count);
        check_fill(i + 1, -2, 2, count, *at[i]);
    }
    return a;
}

/* Check totals, which must be within u of the sum of the terms' absolute values: x - center is
 * rounded to a float. */
static void check_total(const char *what, const arrays *a, const double *found,
                        const check_sum *expected)
{
    uint64_t wrong = 0;

    for (size_t c = 0; c < a->channels; c++)
        wrong += !(fabs(found[c] - expected[c].value) <= 0x1p-23 * expected[c].size);
    check_same(what, sizeof wrong, &wrong, &(uint64_t){ 0 });
    check_same("the bits of a sum", a->channels * sizeof *found, found, found);
}

static void check_measures(const check_subject *subject, const arrays *a)
{
    const cvy_normalization_kernels *kernels = subject->compute.kernels->normalization;
    double *sums = check_doubles(a->channels), *products = check_doubles(a->channels);
    check_sum *totals[4];

    for (size_t t = 0; t < 4; t++)
        totals[t] = check_sums(a->channels);
    for (size_t i = 0; i < a->channels * a->n; i++) {
        const size_t c = i / a->n;
        const double x = (double)a->x[i], dy = (double)a->dy[i];
        if (i % CVY_LANE >= a->filled)
            continue;
        check_add(&totals[0][c], x);
        check_add(&totals[1][c], x * x);
        check_add(&totals[2][c], dy);
        check_add(&totals[3][c], dy * x);
        check_add(&totals[3][c], -dy * (double)a->center[c]);
    }
    kernels->measure(a->channels, a->n, a->filled, a->x, sums, products);
    check_total("sums of x", a, sums, totals[0]);
    check_total("sums of x x", a, products, totals[1]);
    kernels->measure_gradient(a->channels, a->n, a->filled, a->center, a->x, a->dy, sums, products);
    check_total("sums of dy", a, sums, totals[2]);
    check_total("sums of dy (x - center)", a, products, totals[3]);
}

/* Check forward and backward. Each term of at most three factors is rounded at most three times. */
static void check_maps(const check_subject *subject, const arrays *a)
{
    const cvy_normalization_kernels *kernels = subject->compute.kernels->normalization;
    const size_t all = a->channels * a->n;
    float *y = check_floats(all), *dx = check_floats(all);
    check_sum *expected_y = check_sums(all), *expected_dx = check_sums(all);

    for (size_t i = 0; i < all; i++) {
        const size_t c = i / a->n;
        const double x = (double)a->x[i], center = (double)a->center[c];
        check_add(&expected_y[i], (double)a->scale[c] * x);
        check_add(&expected_y[i], -(double)a->scale[c] * center);
        check_add(&expected_y[i], (double)a->shift[c]);
        if (i % CVY_LANE >= a->filled)
            continue;
        check_add(&expected_dx[i], (double)a->scale[c] * (double)a->dy[i]);
        check_add(&expected_dx[i], (double)a->slope[c] * x);
        check_add(&expected_dx[i], -(double)a->slope[c] * center);
        check_add(&expected_dx[i], (double)a->shift[c]);
    }
    kernels->forward(a->channels, a->n, a->center, a->scale, a->shift, a->x, y);
    check_near("y", all, y, expected_y);
    kernels->backward(a->channels, a->n, a->filled, a->center, a->scale, a->slope, a->shift, a->x,
                      a->dy, dx);
    check_near("dx", all, dx, expected_dx);
}

static void run(const check_subject *subject)
{
    static const size_t channels[] = { 1, 3, 17, 64 }, lanes[] = { 1, 2, 7, 13, 16, 17 };
    static const size_t filled[] = { 16, 1, 11 };

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 6; j++) {
            check_begin("%zu channels of %zu lanes, %zu samples", channels[i], lanes[j],
                        filled[j % 3]);
            const arrays a = create(channels[i], lanes[j] * CVY_LANE, filled[j % 3]);
            check_measures(subject, &a);
            check_maps(subject, &a);
            check_end();
        }
}

const kernel_check check_normalization = { "normalization", false, run };
