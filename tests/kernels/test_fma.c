/* The fused multiply-add of every instruction set that runs here against the C library's fmaf(), bit for bit:
 * where it is an instruction, and where it is computed in double precision. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "support/kernel_sets.h"

enum { COUNT = 256 };

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* xorshift32 (Marsaglia 2003). */
static uint32_t draw(void)
{
    static uint32_t state = 2463534242U;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* A number of magnitude 2^from to 2^to. */
static float draw_between(int from, int to)
{
    const float fraction = float_of((draw() & 0x807fffffU) | 0x3f800000U);
    return ldexpf(fraction, from + (int)(draw() % (unsigned)(to - from)));
}

typedef void make_terms(float a, float *b, float *c);

/* Any pattern of bits: subnormal numbers, infinities and NaN among them. */
static void any_bits(float a, float *b, float *c)
{
    (void)a;
    *b = float_of(draw());
    *c = float_of(draw());
}

/* A product within a few units of the middle between two floats beside the other term: rounding to double
 * meets the middle, and the direction is lost. */
static void near_ties(float a, float *b, float *c)
{
    const int size = (int)(draw() % 200) - 90;

    *c = draw_between(size, size + 1);
    *b = ldexpf(1, size - 24) / a;
    *b = float_of(bits_of(*b) + draw() % 5 - 2);
    if (draw() % 2)
        *b = -*b;
}

/* What is left after the leading bits cancel. */
static void cancellation(float a, float *b, float *c)
{
    *b = draw_between(-60, 60);
    *c = float_of(bits_of(-(a * *b)) + draw() % 7 - 3);
}

/* Sums in the range of subnormal numbers, half of them close to the middle between two. */
static void subnormal_sums(float a, float *b, float *c)
{
    *b = draw_between(-152, -120) / a;
    *c = draw_between(-150, -124);
    if (draw() % 2) {
        *b = float_of(bits_of(0x1p-110f / a) + draw() % 3 - 1) * 0x1p-40f;
        *c = float_of((draw() & 0x807fffffU) >> draw() % 20);
    }
}

/* Sums at the largest float, and beyond. */
static void overflows(float a, float *b, float *c)
{
    *c = float_of(0x7f7fffffU - draw() % 3) * (draw() % 2 ? 1.0f : -1.0f);
    *b = draw_between(90, 110) / a;
}

static void far_apart(float a, float *b, float *c)
{
    (void)a;
    *b = draw_between(-140, 120);
    *c = draw_between(-140, 120);
}

/* Zeros of both signs, which are frequent after a ReLU. */
static void zeros(float a, float *b, float *c)
{
    *b = draw() % 2 ? -0.0f : 0.0f;
    *c = draw() % 3 == 0 ? -0.0f : draw() % 2 ? 0.0f : a;
}

static bool is_same(float found, float expected)
{
    return isnan(expected) ? isnan(found) : bits_of(found) == bits_of(expected);
}

/* A product of matrices of depth 1 adds a b[j] to c[j]; `count` values, so that vectors are cut off too. */
static size_t count_wrong(const cvy_gemm_backend *gemm, make_terms *make, size_t count)
{
    static float b[COUNT], c[COUNT], sum[COUNT];
    const float a = make == any_bits ? float_of(draw()) : draw_between(-40, 4);
    size_t wrong = 0;

    for (size_t j = 0; j < count; j++)
        make(a, &b[j], &c[j]);
    memcpy(sum, c, sizeof sum);
    gemm->run(CVY_GEMM_NN, 1, count, 1, &a, 1, b, count, true, sum, count);
    for (size_t j = 0; j < count; j++)
        wrong += !is_same(sum[j], fmaf(a, b[j], c[j]));
    return wrong;
}

static void expect_fused(make_terms *make)
{
    const cvy_gemm_backend *gemm;

    for (size_t number = 0; (gemm = gemm_backend(number)) != NULL; number++) {
        size_t wrong = 0;
        if (gemm->isa == NULL)
            continue; /* the reference and OpenBLAS round as they like */
        for (size_t round = 0; round < 400; round++)
            wrong += count_wrong(gemm, make, round % 2 == 0 ? COUNT : COUNT - 3);
        cr_expect_eq(wrong, 0, "%s: %zu sums are not those of fmaf()", gemm->name, wrong);
    }
}

Test(fma, any_bits)
{
    expect_fused(any_bits);
}

Test(fma, sums_near_the_middle_between_two_floats)
{
    expect_fused(near_ties);
}

Test(fma, cancellation)
{
    expect_fused(cancellation);
}

Test(fma, subnormal_sums)
{
    expect_fused(subnormal_sums);
}

Test(fma, overflows)
{
    expect_fused(overflows);
}

Test(fma, exponents_far_apart)
{
    expect_fused(far_apart);
}

Test(fma, zeros_of_both_signs)
{
    expect_fused(zeros);
}
