/* The kernels that copy, fill and add lanes. */
#include <math.h>
#include <string.h>

#include "checks.h"

static void check_images(const check_subject *subject, size_t positions, size_t channels)
{
    const float scale = 1.0F / 255;
    const size_t pixels = positions * channels, n = pixels * CVY_LANE;
    const uint8_t *image[CVY_LANE];

    check_begin("images, %zu pixels of %zu channels", positions, channels);
    float *x = check_floats(n);
    double *expected = check_doubles(n), *bound = check_doubles(n);
    for (size_t s = 0; s < CVY_LANE; s++) {
        uint8_t *bytes = check_bytes(pixels);
        image[s] = s == 3 || s > 12 ? NULL : bytes;
        for (size_t i = 0; i < pixels; i++)
            bytes[i] = (uint8_t)(i * 31 + s * 97 + 255);
    }
    for (size_t i = 0; i < n; i++) {
        const size_t s = i % CVY_LANE, c = i / CVY_LANE / positions, p = i / CVY_LANE % positions;
        const double byte = image[s] != NULL ? image[s][p * channels + c] : 0;
        expected[i] = byte * (double)scale - 0.5;
        bound[i] = 2 * 0x1p-24 * (byte * (double)scale + 0.5); /* a product and a sum */
    }
    const cvy_lane_kernels *lane = subject->compute.kernels->lane;
    lane->gather_images(positions, channels, 0, positions / 3, image, scale, -0.5F, x);
    lane->gather_images(positions, channels, positions / 3, positions, image, scale, -0.5F, x);
    check_within("x", n, x, expected, bound);
    check_end();
}

static void check_float_images(const check_subject *subject, size_t positions, size_t channels)
{
    const size_t pixels = positions * channels, n = pixels * CVY_LANE;
    const float *image[CVY_LANE];

    check_begin("images of floats, %zu pixels of %zu channels", positions, channels);
    float *x = check_floats(n);
    double *expected = check_doubles(n), *bound = check_doubles(n);
    for (size_t s = 0; s < CVY_LANE; s++) {
        float *values = check_floats(pixels);
        check_fill(1 + (uint32_t)s, -3, 3, pixels, values);
        image[s] = values;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t c = i / CVY_LANE / positions, p = i / CVY_LANE % positions;
        const double value = (double)image[i % CVY_LANE][p * channels + c];
        expected[i] = value * 0.5 - 0.25;
        bound[i] = 2 * 0x1p-24 * (fabs(value) * 0.5 + 0.25);
    }
    subject->compute.kernels->lane->gather_floats(positions, channels, image, 0.5F, -0.25F, x);
    check_within("x", n, x, expected, bound);
    check_end();
}

static void check_fills(const check_subject *subject, size_t channels, size_t n)
{
    const cvy_lane_kernels *lane = subject->compute.kernels->lane;
    const size_t stride = n + 2 * CVY_LANE, all = (channels - 1) * stride + n;

    check_begin("%zu channels of %zu floats filled, copied and summed", channels, n);
    float *bias = check_floats(channels), *y = check_floats(all), *expected = check_floats(all);
    check_fill(1, -1, 1, channels, bias);
    check_fill(2, -1, 1, all, y);
    memcpy(expected, y, all * sizeof *y);
    for (size_t i = 0; i < all; i++)
        expected[i] = i % stride < n ? bias[i / stride] : expected[i];
    lane->spread_bias(channels, n, stride, bias, y);
    check_same("bias", all * sizeof *y, y, expected);

    float *copy = check_floats(n), *zeros = check_floats(n);
    lane->copy(n, y, copy);
    check_same("copy", n * sizeof *y, copy, y);
    lane->clear(n, copy);
    for (size_t i = 0; i < n; i++)
        zeros[i] = 0;
    check_same("clear", n * sizeof *y, copy, zeros);

    float *sums = check_floats(channels);
    check_sum *wanted = check_sums(channels);
    for (int add = 0; add < 2; add++) {
        for (size_t c = 0; c < channels; c++) {
            if (add)
                check_add(&wanted[c], (double)sums[c]);
            for (size_t i = 0; i < n; i++)
                check_add(&wanted[c], (double)y[c * stride + i]);
        }
        lane->sum_rows(channels, n, stride, y, add != 0, sums);
        check_near("sums", channels, sums, wanted);
        memset(wanted, 0, channels * sizeof *wanted);
    }
    check_end();
}

static void check_order(const check_subject *subject, size_t channels, size_t positions)
{
    const cvy_lane_kernels *lane = subject->compute.kernels->lane;
    const size_t n = channels * positions * CVY_LANE, rows = channels * positions;
    const size_t half = positions / 2, stride = rows + 5;

    check_begin("order of %zu channels and %zu pixels", channels, positions);
    float *x = check_floats(n), *last = check_floats(n), *expected = check_floats(n);
    check_fill(1, -1, 1, n, x);
    for (size_t i = 0; i < n; i++) {
        const size_t value = i / CVY_LANE, c = value / positions, p = value % positions;
        expected[(p * channels + c) * CVY_LANE + i % CVY_LANE] = x[i];
    }
    lane->channels_last(channels, positions, 0, half, x, last);
    lane->channels_last(channels, positions, half, positions, x, last);
    check_same("channels last", n * sizeof *x, last, expected);
    lane->channels_first(channels, positions, 0, half, last, expected);
    lane->channels_first(channels, positions, half, positions, last, expected);
    check_same("channels first", n * sizeof *x, expected, x);

    float *samples = check_floats(CVY_LANE * stride), *wanted = check_floats(CVY_LANE * stride);
    for (size_t i = 0; i < CVY_LANE * stride; i++) {
        samples[i] = wanted[i] = 7;
        if (i % stride < rows)
            wanted[i] = x[i % stride * CVY_LANE + i / stride];
    }
    lane->samples_first(stride, 0, rows / 3, x, samples);
    lane->samples_first(stride, rows / 3, rows, x, samples);
    check_same("samples first", CVY_LANE * stride * sizeof *x, samples, wanted);
    check_end();
}

/* The tree by its definition: the left half is the largest power of two that leaves something for
 * the right. */
static float plain_tree(size_t count, size_t stride, const float *first)
{
    size_t left = 1;

    if (count == 1)
        return *first;
    while (2 * left < count)
        left *= 2;
    const float sum = plain_tree(left, stride, first);
    return sum + plain_tree(count - left, stride, first + left * stride);
}

static void check_tree(const check_subject *subject, size_t n, size_t parts)
{
    const size_t stride = n + CVY_LANE;
    const bool accumulate = parts % 2 == 0;

    check_begin("tree of %zu parts of %zu floats", parts, n);
    float *x = check_floats((parts - 1) * stride + n), *sum = check_floats(n);
    float *expected = check_floats(n);
    check_fill(1, -1, 1, (parts - 1) * stride + n, x);
    check_fill(2, -1, 1, n, sum);
    for (size_t i = 0; i < n; i++)
        expected[i] = plain_tree(parts, stride, x + i) + (accumulate ? sum[i] : 0);
    subject->compute.kernels->lane->tree_sum(n, parts, stride, x, accumulate, sum);
    check_same("sum", n * sizeof *sum, sum, expected);
    check_end();
}

static void check_largest(const check_subject *subject, size_t n)
{
    uint32_t expected;

    check_begin("largest of %zu", n);
    float *x = check_floats(n);
    check_fill(3, -1, 1, n, x);
    x[n / 2] = -2;
    const float values[] = { 2, INFINITY };
    for (size_t i = 0; i < 2; i++) {
        const uint32_t found = subject->compute.kernels->lane->largest(n, x);
        memcpy(&expected, &values[i], sizeof expected);
        check_same("bits", sizeof found, &found, &expected);
        x[n / 3] = -INFINITY;
    }
    check_end();
}

static const size_t positions[] = { 1, 2, 7, 13, 15, 16, 17, 63, 64, 65, 200 };
enum { POSITIONS = sizeof positions / sizeof *positions };

static void run(const check_subject *subject)
{
    static const size_t channels[] = { 1, 3, 17, 64 };

    for (size_t i = 0; i < POSITIONS; i++) {
        for (size_t count = 1; count <= CVY_CHANNELS_MAX; count++) {
            check_images(subject, positions[i], count);
            check_float_images(subject, positions[i], count);
        }
        for (size_t j = 0; j < 4; j++) {
            check_fills(subject, channels[j], positions[i] * CVY_LANE);
            check_order(subject, channels[j], positions[i]);
        }
        for (size_t parts = 1; parts <= 33; parts += 1 + parts / 8)
            check_tree(subject, positions[i] * CVY_LANE, parts);
        check_largest(subject, positions[i]);
    }
    check_tree(subject, CVY_LANE, 1000);
    check_tree(subject, CVY_LANE, 4096);
}

const kernel_check check_lanes = { "lanes", false, run };
