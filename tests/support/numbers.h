/* Arrays of numbers to compute with, and their comparison: one verdict for a whole array, which
 * names the first place that is wrong. */
#ifndef TESTS_SUPPORT_NUMBERS_H
#define TESTS_SUPPORT_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/** count floats, zero, from a cache line's start on; the caller frees them with free(). */
float *numbers_floats(size_t count);
double *numbers_doubles(size_t count);

/** Whole numbers from -limit to limit: sums of a few thousand of them are exact in any order. */
void numbers_fill_whole(uint32_t seed, int limit, size_t n, float *x);
void numbers_fill_uniform(uint32_t seed, float low, float high, size_t n, float *x);

/** 0 .. n - 1 in an order that the seed decides. */
void numbers_fill_shuffled(uint32_t seed, size_t n, size_t *places);

/** The same bits. The text, as for printf, names what is compared. */
void numbers_expect_same(size_t n, const float *found, const float *expected, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));

/** |found - expected| <= absolute + relative * |expected|, and no NaN. */
void numbers_expect_near(size_t n, const float *found, const double *expected, double relative,
                         double absolute, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/** The largest absolute value. */
double numbers_largest(size_t n, const double *x);

#endif
