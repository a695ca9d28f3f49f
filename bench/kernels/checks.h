/* Shared parts of the checks of kernels: arrays between pages that may not be accessed, comparison
 * with a plain computation within a bound, and comparison of bits between instruction sets.
 *
 * The checks run once for each subject, a combination of kernels that this machine runs, with the
 * arrays at the end of their pages and, for convoy's own kernels, also at the beginning. A check is
 * a sequence of cases:
 *
 *     check_begin("relu, %zu lanes", lanes);
 *     float *x = check_floats(n), *y = check_floats(n);
 *     ...
 *     check_within("y", n, y, expected, bound);
 *     check_end();
 *
 * The bounds follow from u = 2^-24, the error of one rounding: a sum of n terms, in any order and
 * fused or not, has an error of at most g times the sum of their absolute values,
 * g = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1).
 * A wrong or missing term exceeds that by far. */
#ifndef BENCH_KERNELS_CHECKS_H
#define BENCH_KERNELS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/compute.h"

/* A combination of kernels to check. */
typedef struct {
    cvy_compute compute;
    /* All kernels are convoy's own, for one instruction set; bits are compared with the other
     * instruction sets. */
    bool is_own;
} check_subject;

typedef struct {
    const char *name;
    bool is_product; /* uses GEMM or convolution, so it also runs with other backends */
    void (*run)(const check_subject *subject);
} kernel_check;

extern const kernel_check check_activations, check_convolutions, check_dropout, check_im2col,
    check_lanes, check_normalization, check_pooling, check_products, check_softmax;

/** Begin a case. The text names it in messages. */
void check_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** End a case: release its arrays, and check whether anything was written around them. */
void check_end(void);

/** Allocate `count` floats, set to NaN and 64-byte aligned; check_end() releases them. At one end
 *  there is a page that may not be accessed; at the upper end it begins exactly after the last
 *  float, so `count` must be a multiple of 16 if the kernel expects whole vectors. */
float *check_floats(size_t count);
uint8_t *check_bytes(size_t count);

/** Allocate `count` doubles, without protected pages. */
double *check_doubles(size_t count);

/** Fill x with numbers from low to high that depend only on the seed. */
void check_fill(uint32_t seed, float low, float high, size_t n, float *x);

/** Fill x with integers from -limit to limit, whose sums are exact. */
void check_fill_whole(uint32_t seed, int limit, size_t n, float *x);

/** Check that |found - expected| <= bound for each of n numbers, and that all instruction sets give
 *  the same bits. */
void check_within(const char *what, size_t n, const float *found, const double *expected,
                  const double *bound);

/** Check that bits are as expected, and equal with all instruction sets. */
void check_same(const char *what, size_t bytes, const void *found, const void *expected);

/* The expected value of a sum, the sum of its terms' absolute values, and the number of terms. */
typedef struct {
    double value, size, count;
} check_sum;

check_sum *check_sums(size_t count);

static inline void check_add(check_sum *sum, double term)
{
    sum->value += term;
    sum->size += term < 0 ? -term : term;
    sum->count++;
}

/** Check that each number is within the bound above. */
void check_near(const char *what, size_t n, const float *found, const check_sum *expected);

/* --- for the main program only --- */

typedef struct {
    size_t cases, failures;
} check_result;

/** Run a check with these subjects. Prints the first few failures. */
check_result check_run(const kernel_check *check, const check_subject *subjects, size_t count);

/** Whether the checks detect errors: an access to a protected page, a write beside an array, a
 *  wrong number, different bits. */
bool check_itself(void);

#endif
