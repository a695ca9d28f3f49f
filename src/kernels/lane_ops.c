/* Copying, transposing and adding lanes. */
#include "kernels/kernels.h"

#include <string.h>

typedef uint8_t sixteen_bytes __attribute__((vector_size(CVY_LANE)));

/* Swap row[i][j] and row[j][i]: four times, interleave each row with the one eight rows later. */
static void transpose(sixteen_bytes row[CVY_LANE])
{
    enum { HALF = CVY_LANE / 2 };

    for (size_t round = 0; round < 4; round++) {
        sixteen_bytes next[CVY_LANE];
        for (size_t i = 0; i < HALF; i++) {
            next[2 * i] = __builtin_shufflevector(row[i], row[i + HALF], 0, 16, 1, 17, 2, 18, 3, 19,
                                                  4, 20, 5, 21, 6, 22, 7, 23);
            next[2 * i + 1] = __builtin_shufflevector(row[i], row[i + HALF], 8, 24, 9, 25, 10, 26,
                                                      11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(row, next, sizeof next);
    }
}

static void gather_images(size_t positions, size_t channels, size_t begin, size_t end,
                          const uint8_t *const image[CVY_LANE], float scale, float offset, float *x)
{
    size_t p = begin, c = 0; /* position and channel of the next byte */

    for (size_t at = begin * channels; at < end * channels; at += CVY_LANE) {
        const size_t left = end * channels - at, count = left < CVY_LANE ? left : CVY_LANE;
        sixteen_bytes row[CVY_LANE] = { { 0 } };
        for (size_t s = 0; s < CVY_LANE; s++)
            if (image[s] != NULL && count == CVY_LANE)
                memcpy(&row[s], image[s] + at, CVY_LANE);
            else if (image[s] != NULL)
                memcpy(&row[s], image[s] + at, count);
        transpose(row);
        uint8_t bytes[CVY_LANE * CVY_LANE];
        float values[CVY_LANE * CVY_LANE];
        memcpy(bytes, row, sizeof bytes);
        for (size_t i = 0; i < CVY_LANE * CVY_LANE; i++) /* a single loop, to be vectorized */
            values[i] = (float)bytes[i] * scale + offset;
        for (size_t i = 0; i < count; i++) {
            memcpy(x + (c * positions + p) * CVY_LANE, values + i * CVY_LANE, CVY_LANE * sizeof *x);
            c = c + 1 < channels ? c + 1 : 0;
            p += c == 0;
        }
    }
}

/* Gather floats, with the same product and sum as for bytes. */
static void gather_floats(size_t positions, size_t channels, const float *const image[CVY_LANE],
                          float scale, float offset, float *x)
{
    for (size_t s = 0; s < CVY_LANE; s++)
        for (size_t p = 0; p < positions; p++)
            for (size_t c = 0; c < channels; c++) {
                const float value = image[s] != NULL ? image[s][p * channels + c] : 0;
                x[(c * positions + p) * CVY_LANE + s] = value * scale + offset;
            }
}

static void clear(size_t n, float *x)
{
    memset(x, 0, n * sizeof *x);
}

static void spread_bias(size_t channels, size_t n, size_t stride, const float *bias, float *y)
{
    for (size_t c = 0; c < channels; c++, y += stride)
        for (size_t i = 0; i < n; i++)
            y[i] = bias[c];
}

static float add_lane(const float *x)
{
    float sum[CVY_LANE];

    memcpy(sum, x, sizeof sum);
    for (size_t half = CVY_LANE / 2; half > 0; half /= 2)
        for (size_t s = 0; s < half; s++)
            sum[s] += sum[s + half];
    return sum[0];
}

static void sum_rows(size_t channels, size_t n, size_t stride, const float *x, bool accumulate,
                     float *sums)
{
    for (size_t c = 0; c < channels; c++, x += stride) {
        float sum[4][CVY_LANE] = { { 0 } }; /* four, so that additions overlap */
        size_t i = 0;
        for (; i + 4 * CVY_LANE <= n; i += 4 * CVY_LANE)
            for (size_t part = 0; part < 4; part++)
                for (size_t s = 0; s < CVY_LANE; s++)
                    sum[part][s] += x[i + part * CVY_LANE + s];
        for (size_t part = 0; i < n; i += CVY_LANE, part++)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[part][s] += x[i + s];
        for (size_t s = 0; s < CVY_LANE; s++)
            sum[0][s] = (sum[0][s] + sum[1][s]) + (sum[2][s] + sum[3][s]);
        float total = add_lane(sum[0]);
        sums[c] = accumulate ? sums[c] + total : total;
    }
}

static void channels_last(size_t channels, size_t positions, size_t begin, size_t end,
                          const float *x, float *y)
{
    for (size_t p = begin; p < end; p++)
        for (size_t c = 0; c < channels; c++)
            memcpy(y + (p * channels + c) * CVY_LANE, x + (c * positions + p) * CVY_LANE,
                   CVY_LANE * sizeof *y);
}

static void channels_first(size_t channels, size_t positions, size_t begin, size_t end,
                           const float *x, float *y)
{
    for (size_t p = begin; p < end; p++)
        for (size_t c = 0; c < channels; c++)
            memcpy(y + (c * positions + p) * CVY_LANE, x + (p * channels + c) * CVY_LANE,
                   CVY_LANE * sizeof *y);
}

static void copy(size_t n, const float *restrict x, float *restrict y)
{
    memcpy(y, x, n * sizeof *y);
}

static void samples_first(size_t stride, size_t begin, size_t end, const float *restrict x,
                          float *restrict y)
{
    for (size_t s = 0; s < CVY_LANE; s++)
        for (size_t row = begin; row < end; row++)
            y[s * stride + row] = x[row * CVY_LANE + s];
}

enum { TREE_BLOCK = 256, TREE_LEVELS = 17 };

static void add(size_t n, const float *restrict earlier, float *restrict later)
{
    for (size_t i = 0; i < n; i++)
        later[i] = earlier[i] + later[i];
}

/* Like counting in binary: sums[l] holds a complete subtree of 2^l parts while bit l of the count
 * is set. A new part carries upwards through the set bits. At the end the remaining subtrees are
 * added, smallest first. The tree depends only on part_count. */
static void tree_sum_block(size_t n, size_t part_count, size_t stride, const float *first,
                           bool accumulate, float *sum)
{
    float sums[TREE_LEVELS][TREE_BLOCK] __attribute__((aligned(64)));
    float carry[TREE_BLOCK] __attribute__((aligned(64)));

    for (size_t part = 0; part < part_count; part++) {
        size_t level = 0;
        copy(n, first + part * stride, carry);
        for (; part >> level & 1; level++)
            add(n, sums[level], carry);
        copy(n, carry, sums[level]);
    }
    bool is_first = true;
    for (size_t level = 0; part_count >> level; level++) {
        if ((part_count >> level & 1) == 0)
            continue;
        if (is_first)
            copy(n, sums[level], carry);
        else
            add(n, sums[level], carry);
        is_first = false;
    }
    if (accumulate)
        add(n, carry, sum);
    else
        copy(n, carry, sum);
}

static void tree_sum(size_t n, size_t part_count, size_t stride, const float *first,
                     bool accumulate, float *sum)
{
    for (size_t i = 0; i < n; i += TREE_BLOCK) {
        size_t block = n - i < TREE_BLOCK ? n - i : TREE_BLOCK;
        tree_sum_block(block, part_count, stride, first + i, accumulate, sum + i);
    }
}

/* Absolute values of floats compare like their bits as integers. */
static uint32_t largest(size_t n, const float *x)
{
    int32_t most = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        bits &= 0x7fffffff;
        most = bits > most ? bits : most;
    }
    return (uint32_t)most;
}

extern const cvy_lane_kernels CVY_FOR_ISA(cvy_lane_kernels);
const cvy_lane_kernels CVY_FOR_ISA(cvy_lane_kernels) = {
    .gather_images = gather_images,
    .gather_floats = gather_floats,
    .clear = clear,
    .spread_bias = spread_bias,
    .sum_rows = sum_rows,
    .channels_last = channels_last,
    .channels_first = channels_first,
    .copy = copy,
    .samples_first = samples_first,
    .tree_sum = tree_sum,
    .largest = largest,
};
