/* exp and related functions of a float in plain arithmetic, so that a loop over a lane becomes
 * vector code. */
#ifndef CVY_KERNELS_EXPONENTIAL_H
#define CVY_KERNELS_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial of degree 7, whose error there
 * is below 6e-9 relative; 2^n by writing the exponent's bits. Below -87.3 the result stays at
 * e^-87.3 = 1.2e-38, above 88.3 at e^88.3 = 2.2e38. NaN stays NaN. */
static inline float cvy_exp(float x)
{
    const float low = -87.3f, high = 88.3f;
    float clipped = x < low ? low : x;
    clipped = clipped > high ? high : clipped;
    /* adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the lowest bits */
    const float shifter = 12582912.0f;
    float shifted = clipped * 1.44269504f + shifter;
    float n = shifted - shifter;
    /* ln 2 in two parts, so that the product with n is exact */
    float r = (clipped - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    uint32_t bits;
    float scale;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

/* tanh x = 1 - 2 / (e^2x + 1); near 0, to avoid cancellation, x - x^3/3 + 2x^5/15 - 17x^7/315 +
 * 62x^9/2835 - 1382x^11/155925. */
static inline float cvy_tanh(float x)
{
    float square = x * x;
    float p = -1382.0f / 155925;
    p = p * square + 62.0f / 2835;
    p = p * square - 17.0f / 315;
    p = p * square + 2.0f / 15;
    p = p * square - 1.0f / 3;
    float near = x + x * square * p;
    float far = 1.0f - 2.0f / (cvy_exp(2.0f * x) + 1.0f);
    return square < 0.16f ? near : far;
}

/* The error function. Below 1, eleven terms of its Maclaurin series, 2 / sqrt pi times x - x^3/3 +
 * x^5/10 - ...; above, 1 minus a polynomial in t = 1 / (1 + 0.3275911 x) times e^-x^2, with an
 * error of at most 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26). The
 * last bits of the C library's erff differ between processors. */
static inline float cvy_erf(float x)
{
    const float square = x * x, size = x < 0 ? -x : x;
    float p = 1.0f / 76204800;
    p = p * square - 1.0f / 6894720;
    p = p * square + 1.0f / 685440;
    p = p * square - 1.0f / 75600;
    p = p * square + 1.0f / 9360;
    p = p * square - 1.0f / 1320;
    p = p * square + 1.0f / 216;
    p = p * square - 1.0f / 42;
    p = p * square + 1.0f / 10;
    p = p * square - 1.0f / 3;
    p = p * square + 1.0f;
    const float near = 1.12837917f * x * p;
    const float t = 1.0f / (1.0f + 0.3275911f * size);
    float q = 1.061405429f;
    q = q * t - 1.453152027f;
    q = q * t + 1.421413741f;
    q = q * t - 0.284496736f;
    q = q * t + 0.254829592f;
    const float far = 1.0f - q * t * cvy_exp(-square);
    const float signed_far = x < 0 ? -far : far;
    return square < 1.0f ? near : signed_far;
}

/* log(1 + x) for 0 <= x <= 1: twice artanh s, s = x / (x + 2) <= 1/3, by its series s + s^3/3 +
 * s^5/5 + ..., whose terms from s^17 on are below 1e-9 of the sum. */
static inline float cvy_log1p_unit(float x)
{
    float s = x / (x + 2.0f), square = s * s;
    float p = 1.0f / 15;
    p = p * square + 1.0f / 13;
    p = p * square + 1.0f / 11;
    p = p * square + 1.0f / 9;
    p = p * square + 1.0f / 7;
    p = p * square + 1.0f / 5;
    p = p * square + 1.0f / 3;
    p = p * square + 1.0f;
    return 2.0f * s * p;
}

static inline float cvy_sigmoid(float x)
{
    return 1.0f / (1.0f + cvy_exp(-x));
}

/* log(1 + e^x) */
static inline float cvy_softplus(float x)
{
    float above = x < 0 ? 0 : x, size = x < 0 ? x : -x;
    return above + cvy_log1p_unit(cvy_exp(size));
}

#endif
