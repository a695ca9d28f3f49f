/* What the checks of kernels share: arrays between pages that nobody may touch, results held against a plain
 * computation within a bound, and the same bits with every instruction set.
 *
 * The checks run once for each subject, a combination of kernels that this machine runs, with the arrays at
 * the end of their pages and, for convoy's own, at the beginning too. A check is a sequence of cases:
 *
 *     check_begin("relu, %zu lanes", lanes);
 *     float *x = check_floats(n), *y = check_floats(n);
 *     ...
 *     check_within("y", n, y, expected, bound);
 *     check_end();
 *
 * The bounds follow from u = 2^-24, the error of one rounding: a sum of n terms, in any order and fused or
 * not, is off by at most g times the sum of their absolute values, g = n u / (1 - n u) (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2002, section 3.1). A wrong or missing term is far beyond that. */
#ifndef BENCH_KERNELS_CHECKS_H
#define BENCH_KERNELS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/compute.h"

/* What is checked. */
typedef struct {
    cvy_compute compute;
    /* All of it is convoy's own, for one instruction set: its bits are compared with those of the others. */
    bool is_own;
} check_subject;

typedef struct {
    const char *name;
    bool
        is_product; /* uses the matrix product or the convolution, so that other backends count too */
    void (*run)(const check_subject *subject);
} kernel_check;

extern const kernel_check check_activations, check_convolutions, check_dropout, check_im2col,
    check_lanes, check_normalization, check_pooling, check_products, check_softmax;

/** Begin a case, which the text names in messages. */
void check_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** End a case: release its arrays, and see whether anything was written around them. */
void check_end(void);

/** Room for `count` numbers, released by check_end(): NaN until they are written, and from a multiple of 64
 *  bytes on. At one of its ends begins a page that nobody may touch; at the end, exactly where the last
 *  number ends, so that `count` must be a multiple of 16 where the kernel expects whole vectors. */
float *check_floats(size_t count);
uint8_t *check_bytes(size_t count);

/** The same, not between pages. */
double *check_doubles(size_t count);

/** Numbers from low to high that depend on the seed alone. */
void check_fill(uint32_t seed, float low, float high, size_t n, float *x);

/** Whole numbers from -limit to limit, whose sums are exact. */
void check_fill_whole(uint32_t seed, int limit, size_t n, float *x);

/** |found - expected| <= bound for each of n numbers, and the bits of all instruction sets are the same. */
void check_within(const char *what, size_t n, const float *found, const double *expected,
                  const double *bound);

/** The same bits, now and with all instruction sets. */
void check_same(const char *what, size_t bytes, const void *found, const void *expected);

/* A sum as it should be, the sum of its terms' absolute values, and how many there are. */
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

/** Each within the bound above. */
void check_near(const char *what, size_t n, const float *found, const check_sum *expected);

/* --- for the program alone --- */

typedef struct {
    size_t cases, failures;
} check_result;

/** Run a check with these subjects. Failures are printed, the first few of them. */
check_result check_run(const kernel_check *check, const check_subject *subjects, size_t count);

/** Whether this machinery finds what is wrong: a touched page, a number written beside an array, a wrong
 *  number, different bits. */
bool check_itself(void);

#endif
