/* The transforms of Winograd's F(2 x 2, 3 x 3), a vector at a time; convolution_winograd.c says what they
 * are for:
 *
 *          1  0 -1  0         1    0    0           1  1  1  0
 *     B' = 0  1  1  0     G = 1/2  1/2  1/2    A' = 0  1 -1 -1
 *          0 -1  1  0         1/2 -1/2  1/2
 *          0  1  0 -1         0    0    1 */
#ifndef CVY_KERNELS_WINOGRAD_TRANSFORMS_H
#define CVY_KERNELS_WINOGRAD_TRANSFORMS_H

#include "kernels/vector.h"

/* Load a vector, or its first `count` elements if it is part of one. */
ALWAYS_INLINE vector load(bool is_part, size_t count, const float *x)
{
    return is_part ? vector_load_part(x, count) : vector_load(x);
}

ALWAYS_INLINE void store(bool is_part, size_t count, float *x, vector v)
{
    if (is_part)
        vector_store_part(x, v, count);
    else
        vector_store(x, v);
}

/* B' d B. Position p is stored at to + p * step. */
ALWAYS_INLINE void transform_patch(vector d[4][4], float *to, size_t step, bool is_part,
                                   size_t count)
{
    vector v[4][4];

    for (size_t j = 0; j < 4; j++) {
        v[0][j] = d[0][j] - d[2][j];
        v[1][j] = d[1][j] + d[2][j];
        v[2][j] = d[2][j] - d[1][j];
        v[3][j] = d[1][j] - d[3][j];
    }
    for (size_t i = 0; i < 4; i++, to += 4 * step) {
        store(is_part, count, to, v[i][0] - v[i][2]);
        store(is_part, count, to + step, v[i][1] + v[i][2]);
        store(is_part, count, to + 2 * step, v[i][2] - v[i][1]);
        store(is_part, count, to + 3 * step, v[i][1] - v[i][3]);
    }
}

/* A' m A. Position p is at from + p * step. */
ALWAYS_INLINE void transform_sums(const float *from, size_t step, vector y[2][2], bool is_part,
                                  size_t count)
{
    vector s[2][4];

    for (size_t j = 0; j < 4; j++, from += step) {
        const vector m0 = load(is_part, count, from), m1 = load(is_part, count, from + 4 * step);
        const vector m2 = load(is_part, count, from + 8 * step);
        const vector m3 = load(is_part, count, from + 12 * step);
        s[0][j] = m0 + m1 + m2;
        s[1][j] = m1 - m2 - m3;
    }
    for (size_t i = 0; i < 2; i++) {
        y[i][0] = s[i][0] + s[i][1] + s[i][2];
        y[i][1] = s[i][1] - s[i][2] - s[i][3];
    }
}

/* Three weights become four. */
ALWAYS_INLINE void transform_three(vector g0, vector g1, vector g2, vector u[4])
{
    const vector half = vector_spread(0.5f), outer = g0 + g2;

    u[0] = g0;
    u[1] = (outer + g1) * half;
    u[2] = (outer - g1) * half;
    u[3] = g2;
}

/* G g G' for some outputs of one channel. Cell k of the kernel is at w + k * cell; position p is
 * stored at to + p * step. */
ALWAYS_INLINE void transform_weights(const float *w, ptrdiff_t cell, float *to, size_t step,
                                     bool is_part, size_t count)
{
    vector columns[3][4], u[4];

    for (ptrdiff_t j = 0; j < 3; j++)
        transform_three(load(is_part, count, w + j * cell),
                        load(is_part, count, w + (j + 3) * cell),
                        load(is_part, count, w + (j + 6) * cell), columns[j]);
    for (size_t i = 0; i < 4; i++) {
        transform_three(columns[0][i], columns[1][i], columns[2][i], u);
        for (size_t j = 0; j < 4; j++, to += step)
            store(is_part, count, to, u[j]);
    }
}

#endif
