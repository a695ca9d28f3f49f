/* The properties of an instruction set that kernels depend on: the width of a vector, the number of
 * sums that fit in its registers, and the few operations that C cannot express. Everything else is
 * written once, in terms of these. Included by files that are compiled once per instruction set.
 *
 * cvy_fma() and vector_fma() round once on every machine: without the instruction they compute the
 * same bits from double precision. So a sum defined as a chain of them has the same bits with any
 * vector width. */
#ifndef CVY_KERNELS_VECTOR_H
#define CVY_KERNELS_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* TILE_SUMS: vectors of sums that a tile keeps in registers; the other registers hold its operands.
 * If FMA is emulated, registers do not limit the speed, and small tiles keep the code small. */
#if defined(__AVX512F__)
enum { VECTOR = 16, TILE_SUMS = 24 };
#elif defined(__AVX2__)
enum { VECTOR = 8, TILE_SUMS = 12 };
#elif defined(__aarch64__)
enum { VECTOR = 4, TILE_SUMS = 24 };
#else
enum { VECTOR = 4, TILE_SUMS = 4 };
#endif
enum { LANE_VECTORS = CVY_LANE / VECTOR };

typedef float vector __attribute__((vector_size(VECTOR * sizeof(float))));
/* A vector at any position in an array of floats. */
typedef float placed_vector
    __attribute__((vector_size(VECTOR * sizeof(float)), aligned(4), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* A function that is compiled once, whatever its arguments. */
#ifdef __clang__
#define SEPARATE static __attribute__((noinline))
#else
#define SEPARATE static __attribute__((noinline, noclone))
#endif

ALWAYS_INLINE vector vector_load(const float *x)
{
    return *(const placed_vector *)x;
}

ALWAYS_INLINE void vector_store(float *x, vector v)
{
    *(placed_vector *)x = v;
}

ALWAYS_INLINE vector vector_spread(float x)
{
    return x - (vector){ 0 };
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/* Set all bits of the first `count` of eight elements. */
ALWAYS_INLINE __m256i vector_mask(size_t count)
{
    const __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), number);
}
#endif

/* Load `count` floats, fewer than a vector has; the rest is 0 and not read from memory. */
ALWAYS_INLINE vector vector_load_part(const float *x, size_t count)
{
#if defined(__AVX512F__)
    return (vector)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
#elif defined(__AVX2__)
    return (vector)_mm256_maskload_ps(x, vector_mask(count));
#else
    vector v = { 0 };
    memcpy(&v, x, count * sizeof *x);
    return v;
#endif
}

ALWAYS_INLINE void vector_store_part(float *x, vector v, size_t count)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(x, (__mmask16)((1u << count) - 1), (__m512)v);
#elif defined(__AVX2__)
    _mm256_maskstore_ps(x, vector_mask(count), (__m256)v);
#else
    memcpy(x, &v, count * sizeof *x);
#endif
}

#if defined(__FMA__) || defined(__aarch64__)

ALWAYS_INLINE float cvy_fma(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}

#else

/* a b is exact in double precision. Its sum with c is rounded to odd, so that rounding to float is
 * no double rounding (Boldo and Melquiond, Emulation of a FMA and correctly rounded sums: proved
 * algorithms using rounding to odd, 2008). */
ALWAYS_INLINE float cvy_fma(float a, float b, float c)
{
    const double product = (double)a * (double)b, term = (double)c;
    const double sum = product + term, from_term = sum - product;
    const double lost = (product - (sum - from_term)) + (term - from_term);
    int64_t bits, sign;

    memcpy(&bits, &sum, sizeof bits);
    memcpy(&sign, &lost, sizeof sign);
    if (lost != 0 && !isinf(sum) && !isnan(sum))
        bits = (bits - ((bits ^ sign) < 0)) | 1;
    double odd;
    memcpy(&odd, &bits, sizeof odd);
    return (float)odd;
}

#endif

#if !defined(__AVX2__) && !defined(__FMA__) && defined(__SSE2__)
#define CVY_FMA_OF_DOUBLES 1

/* Add as in cvy_fma(), for two elements. */
ALWAYS_INLINE __m128d add_to_odd(__m128d product, __m128d term)
{
    const __m128d sum = _mm_add_pd(product, term), from_term = _mm_sub_pd(sum, product);
    const __m128d lost =
        _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, from_term)), _mm_sub_pd(term, from_term));
    const __m128i one = _mm_set1_epi64x(1), bits = _mm_castpd_si128(sum);
    const __m128i is_opposite = _mm_srli_epi64(_mm_xor_si128(bits, _mm_castpd_si128(lost)), 63);
    const __m128i odd = _mm_or_si128(_mm_sub_epi64(bits, is_opposite), one);
    /* not if nothing was lost, and not for infinities and NaN, whose `lost` is NaN */
    const __m128d magnitude = _mm_andnot_pd(_mm_set1_pd(-0.0), lost);
    const __m128i is_inexact = _mm_castpd_si128(_mm_cmpgt_pd(magnitude, _mm_setzero_pd()));

    return _mm_castsi128_pd(
        _mm_or_si128(_mm_and_si128(is_inexact, odd), _mm_andnot_si128(is_inexact, bits)));
}

__attribute__((noinline, cold, unused)) static vector fma_to_odd(vector a, vector b, vector c)
{
    const __m128 x = (__m128)a, y = (__m128)b, z = (__m128)c;
    const __m128d low = _mm_mul_pd(_mm_cvtps_pd(x), _mm_cvtps_pd(y));
    const __m128d high =
        _mm_mul_pd(_mm_cvtps_pd(_mm_movehl_ps(x, x)), _mm_cvtps_pd(_mm_movehl_ps(y, y)));
    const __m128 sum_low = _mm_cvtpd_ps(add_to_odd(low, _mm_cvtps_pd(z)));
    const __m128 sum_high = _mm_cvtpd_ps(add_to_odd(high, _mm_cvtps_pd(_mm_movehl_ps(z, z))));

    return (vector)_mm_movelh_ps(sum_low, sum_high);
}

/* Set sign bits if rounding a sum a second time, to float, could matter: if a double is halfway
 * between two floats, or if floats are subnormal. The halves of a double are compared as numbers
 * that start at -2^31: the low half with the only value at the midpoint, the high half with the
 * exponents below 2^-126 except zero. */
ALWAYS_INLINE __m128i is_doubtful(__m128d sum)
{
    const __m128i looked_at = _mm_set1_epi64x(0x7fffffff1fffffff);
    const __m128i begin = _mm_set1_epi64x(0x7fffffff70000000);
    const __m128i end = _mm_set1_epi64x((long long)0xb80fffff80000001);
    const __m128i shifted = _mm_add_epi32(_mm_and_si128(_mm_castpd_si128(sum), looked_at), begin);

    return _mm_cmpgt_epi32(end, shifted);
}

/* Most sums of doubles can be rounded directly; the others take the slow path. */
ALWAYS_INLINE vector fma_of_doubles(vector a, vector b, vector c)
{
    const __m128 x = (__m128)a, y = (__m128)b, z = (__m128)c;
    const __m128d low = _mm_add_pd(_mm_mul_pd(_mm_cvtps_pd(x), _mm_cvtps_pd(y)), _mm_cvtps_pd(z));
    const __m128d high =
        _mm_add_pd(_mm_mul_pd(_mm_cvtps_pd(_mm_movehl_ps(x, x)), _mm_cvtps_pd(_mm_movehl_ps(y, y))),
                   _mm_cvtps_pd(_mm_movehl_ps(z, z)));

    if (__builtin_expect(_mm_movemask_epi8(_mm_or_si128(is_doubtful(low), is_doubtful(high))) != 0,
                         0))
        return fma_to_odd(a, b, c);
    return (vector)_mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}
#endif

typedef int32_t vector_bits __attribute__((vector_size(VECTOR * sizeof(int32_t)), may_alias));

/* Set all bits of the elements in which a or b is NaN. */
ALWAYS_INLINE vector_bits vector_unordered(vector a, vector b)
{
#if defined(__AVX512F__)
    return (vector_bits)_mm512_maskz_set1_epi32(
        _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_UNORD_Q), -1);
#elif defined(__AVX2__)
    return (vector_bits)_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_UNORD_Q);
#else
    return (vector_bits)(a != a) | (vector_bits)(b != b);
#endif
}

/* a b + c, rounded only once. */
ALWAYS_INLINE vector vector_fma(vector a, vector b, vector c)
{
#if defined(__AVX512F__)
    return (vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
    return (vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
    return (vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(CVY_FMA_OF_DOUBLES)
    return fma_of_doubles(a, b, c);
#else
    for (size_t i = 0; i < VECTOR; i++)
        c[i] = cvy_fma(a[i], b[i], c[i]);
    return c;
#endif
}

/* Merge two vectors a and b: element i becomes a[i] + a[i + h] if bit h of i is clear, b[i - h] +
 * b[i] if it is set. With h = VECTOR / 2, VECTOR / 4 ...
 * 1 all elements of each vector are added. */
#define FROM(i, h, flip) (((i) & (h)) != 0 ? VECTOR + ((i) ^ (flip)) : ((i) ^ (flip)))
#define FROM4(i, h, flip)                                                                          \
    FROM(i, h, flip), FROM((i) + 1, h, flip), FROM((i) + 2, h, flip), FROM((i) + 3, h, flip)
#if defined(__AVX512F__)
#define FROM_ALL(h, flip)                                                                          \
    FROM4(0, h, flip), FROM4(4, h, flip), FROM4(8, h, flip), FROM4(12, h, flip)
#elif defined(__AVX2__)
#define FROM_ALL(h, flip) FROM4(0, h, flip), FROM4(4, h, flip)
#else
#define FROM_ALL(h, flip) FROM4(0, h, flip)
#endif
#define ADD_HALVES(v, h)                                                                           \
    for (size_t i = 0; i < (h); i++)                                                               \
    (v)[i] = __builtin_shufflevector((v)[i], (v)[i + (h)], FROM_ALL(h, 0)) +                       \
             __builtin_shufflevector((v)[i], (v)[i + (h)], FROM_ALL(h, h))

/* Return a vector whose element i is the sum of the elements of v[i], added in a binary tree:
 * elements j and j + VECTOR / 2, then VECTOR / 4 ... */
ALWAYS_INLINE vector vector_add_elements(vector v[VECTOR])
{
#if defined(__AVX512F__)
    ADD_HALVES(v, 8);
#endif
#if defined(__AVX2__)
    ADD_HALVES(v, 4);
#endif
    ADD_HALVES(v, 2);
    ADD_HALVES(v, 1);
    return v[0];
}

/* Add the vectors of a lane: the first levels of the tree over its 16 elements. */
ALWAYS_INLINE vector vector_add_lane(const vector of_part[LANE_VECTORS])
{
    vector v[LANE_VECTORS];

    memcpy(v, of_part, sizeof v);
    for (size_t half = LANE_VECTORS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            v[i] += v[i + half];
    return v[0];
}

/* Divide `count` items into groups of at most `most`, as even as possible: the number of groups,
 * and the beginning of group g. */
static inline size_t group_count(size_t count, size_t most)
{
    return (count + most - 1) / most;
}

static inline size_t group_begin(size_t count, size_t groups, size_t g)
{
    return count * g / groups;
}

#endif
