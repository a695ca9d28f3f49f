/* What moves lanes about and adds them up, in each instruction set. Numbers are whole where sums
 * are compared by bits. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"

enum { PIXELS_MAX = 1000 };

static void check_gather(const cvy_kernels *set, size_t positions, size_t channels, float scale)
{
    static uint8_t bytes[CVY_LANE][PIXELS_MAX];
    const size_t pixels = positions * channels;
    const uint8_t *image[CVY_LANE];
    float *x = numbers_floats(pixels * CVY_LANE);
    double *expected = numbers_doubles(pixels * CVY_LANE);

    for (size_t s = 0; s < CVY_LANE; s++) {
        image[s] = s == 3 || s > 12 ? NULL : bytes[s];
        for (size_t i = 0; i < pixels; i++)
            bytes[s][i] = (uint8_t)(i * 31 + s * 97 + 255);
    }
    set->lane->gather_images(positions, channels, 0, positions / 3, image, scale, -0.5f, x);
    set->lane->gather_images(positions, channels, positions / 3, positions, image, scale, -0.5f, x);
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < positions; p++)
            for (size_t s = 0; s < CVY_LANE; s++) {
                double byte = image[s] != NULL ? bytes[s][p * channels + c] : 0;
                expected[(c * positions + p) * CVY_LANE + s] = byte * (double)scale - 0.5;
            }
    numbers_expect_near(pixels * CVY_LANE, x, expected, 0x1p-23, 0x1p-23, "%s: %zu x %zu",
                        set->name, positions, channels);
    free(x);
    free(expected);
}

Test(lanes, images_are_gathered_and_empty_slots_are_background)
{
    static const size_t positions[] = { 0, 1, 63, 64, 65, 200 };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
            for (size_t channels = 1; channels <= CVY_CHANNELS_MAX; channels++)
                check_gather(set, positions[i], channels, 1.0f / 255);
}

Test(lanes, clear_and_spread_bias_fill)
{
    static const float bias[] = { 3, -0.5f, 1e-40f };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t n = 0; n <= 5 * CVY_LANE; n += CVY_LANE) {
            float *x = numbers_floats(3 * n + 1), *expected = numbers_floats(3 * n + 1);
            x[3 * n] = expected[3 * n] = 7; /* the end */
            for (size_t i = 0; i < 3 * n; i++)
                expected[i] = bias[i / n];
            set->lane->spread_bias(3, n, n, bias, x);
            numbers_expect_same(3 * n + 1, x, expected, "%s: bias over %zu", set->name, n);
            memset(expected, 0, 3 * n * sizeof *expected);
            set->lane->clear(3 * n, x);
            numbers_expect_same(3 * n + 1, x, expected, "%s: clear %zu", set->name, n);
            free(x);
            free(expected);
        }
}

static void check_sum_rows(const cvy_kernels *set, size_t lanes, bool accumulate)
{
    enum { CHANNELS = 3 };
    const size_t n = lanes * CVY_LANE, stride = n + 2 * CVY_LANE;
    float *x = numbers_floats(CHANNELS * stride), expected[CHANNELS], sums[CHANNELS] = { 5, 6, 7 };

    numbers_fill_whole(1, 100, CHANNELS * stride, x);
    for (size_t c = 0; c < CHANNELS; c++) {
        expected[c] = accumulate ? sums[c] : 0;
        for (size_t i = 0; i < n; i++)
            expected[c] += x[c * stride + i];
    }
    set->lane->sum_rows(CHANNELS, n, stride, x, accumulate, sums);
    numbers_expect_same(CHANNELS, sums, expected, "%s: sums of %zu lanes", set->name, lanes);
    free(x);
}

Test(lanes, rows_are_summed)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t lanes = 0; lanes <= 13; lanes++) {
            check_sum_rows(set, lanes, false);
            check_sum_rows(set, lanes, true);
        }
}

/* Small terms must not be lost: 65 thousand times 0.1 in one running sum would be off by 1e-3. */
Test(lanes, sums_of_many_terms_stay_accurate)
{
    enum { N = 1 << 16 };
    const cvy_kernels *set;
    float *x = numbers_floats(N);

    for (size_t i = 0; i < N; i++)
        x[i] = 0.1f;
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float sum;
        const double expected = N * (double)0.1f;
        set->lane->sum_rows(1, N, N, x, false, &sum);
        numbers_expect_near(1, &sum, &expected, 1e-5, 0, "%s", set->name);
    }
    free(x);
}

static void check_order(const cvy_kernels *set, size_t channels, size_t positions)
{
    const size_t n = channels * positions * CVY_LANE;
    float *x = numbers_floats(n), *last = numbers_floats(n), *expected = numbers_floats(n);

    numbers_fill_uniform(1, -1, 1, n, x);
    for (size_t i = 0; i < n; i++) {
        size_t value = i / CVY_LANE, c = value / positions, p = value % positions;
        expected[(p * channels + c) * CVY_LANE + i % CVY_LANE] = x[i];
    }
    set->lane->channels_last(channels, positions, 0, positions / 2, x, last);
    set->lane->channels_last(channels, positions, positions / 2, positions, x, last);
    numbers_expect_same(n, last, expected, "%s: %zu x %zu", set->name, channels, positions);
    set->lane->channels_first(channels, positions, 0, positions / 2, last, expected);
    set->lane->channels_first(channels, positions, positions / 2, positions, last, expected);
    numbers_expect_same(n, expected, x, "%s: %zu x %zu back", set->name, channels, positions);
    free(x);
    free(last);
    free(expected);
}

Test(lanes, channels_go_last_and_come_back)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t channels = 0; channels <= 5; channels++)
            for (size_t positions = 1; positions <= 7; positions++)
                check_order(set, channels, positions);
}

Test(lanes, samples_come_outermost_in_the_rows_that_are_asked_for)
{
    enum { ROWS = 37, STRIDE = 48, BEGIN = 5, END = 36, WIDE = CVY_LANE * STRIDE };
    const cvy_kernels *set;
    float *lane = numbers_floats(ROWS * CVY_LANE), *wide = numbers_floats(WIDE);
    float *expected = numbers_floats(WIDE);

    numbers_fill_uniform(1, -1, 1, ROWS * CVY_LANE, lane);
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        for (size_t i = 0; i < WIDE; i++) {
            const size_t row = i % STRIDE, sample = i / STRIDE;
            const bool is_asked = row >= BEGIN && row < END;
            wide[i] = 7;
            expected[i] = is_asked ? lane[row * CVY_LANE + sample] : 7;
        }
        set->lane->samples_first(STRIDE, BEGIN, END, lane, wide);
        set->lane->samples_first(STRIDE, END, END, lane, wide);
        numbers_expect_same(WIDE, wide, expected, "%s", set->name);
    }
    free(lane);
    free(wide);
    free(expected);
}

Test(lanes, copies_are_exact)
{
    enum { COUNT = 19 * CVY_LANE };
    const cvy_kernels *set;
    float *x = numbers_floats(COUNT), *y = numbers_floats(COUNT);

    numbers_fill_uniform(1, -1, 1, COUNT, x);
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        numbers_fill_uniform(2, -1, 1, COUNT, y);
        set->lane->copy(0, x, y + 1);
        set->lane->copy(COUNT, x, y);
        numbers_expect_same(COUNT, y, x, "%s", set->name);
    }
    free(x);
    free(y);
}

/* The tree by its definition: the largest power of two that leaves something to the right goes to
 * the left. */
static float plain_tree(size_t count, size_t stride, const float *first)
{
    size_t left = 1;

    if (count == 1)
        return *first;
    while (2 * left < count)
        left *= 2;
    float sum = plain_tree(left, stride, first);
    return sum + plain_tree(count - left, stride, first + left * stride);
}

static void check_tree(const cvy_kernels *set, size_t n, size_t parts, bool accumulate)
{
    const size_t stride = n + CVY_LANE;
    float *x = numbers_floats(parts * stride), *sum = numbers_floats(n + 1);
    float *expected = numbers_floats(n + 1);

    numbers_fill_uniform(1, -1, 1, parts * stride, x);
    numbers_fill_uniform(2, -1, 1, n + 1, sum);
    memcpy(expected, sum, (n + 1) * sizeof *sum);
    for (size_t i = 0; i < n; i++)
        expected[i] = plain_tree(parts, stride, x + i) + (accumulate ? expected[i] : 0);
    set->lane->tree_sum(n, parts, stride, x, accumulate, sum);
    numbers_expect_same(n + 1, sum, expected, "%s: %zu parts of %zu", set->name, parts, n);
    free(x);
    free(sum);
    free(expected);
}

Test(lanes, parts_are_added_in_the_tree_over_their_numbers)
{
    static const size_t lengths[] = { 0, 16, 48, 256, 272, 1040 };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        for (size_t parts = 1; parts <= 40; parts++)
            for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
                check_tree(set, lengths[i], parts, parts % 2 == 0);
        check_tree(set, 16, 1000, false);
        check_tree(set, 16, 4096, true);
    }
}

Test(lanes, the_peak_loop_says_how_much_it_computed)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float result = NAN;
        double operations = set->fma_peak->run(100, &result);
        cr_expect(isfinite(result), "%s", set->name);
        cr_expect(ge(dbl, operations, 200), "%s", set->name);
        cr_expect(eq(dbl, set->fma_peak->run(200, &result), 2 * operations), "%s", set->name);
    }
}

Test(lanes, the_largest_of_absolute_values_as_bits)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t n = 1; n < 70; n += 4) {
            float x[70];
            numbers_fill_uniform(7, -1, 1, n, x);
            x[n / 2] = -2;
            cr_expect(eq(u32, set->lane->largest(n, x), 0x40000000U), "%s: %zu", set->name, n);
            x[n / 3] = -INFINITY;
            cr_expect(eq(u32, set->lane->largest(n, x), 0x7f800000U), "%s: %zu", set->name, n);
            x[n - 1] = -NAN;
            cr_expect(gt(u32, set->lane->largest(n, x), 0x7f800000U), "%s: %zu", set->name, n);
        }
}
