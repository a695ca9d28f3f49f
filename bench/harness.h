/* What the benchmarks share. */
#ifndef CVY_BENCH_HARNESS_H
#define CVY_BENCH_HARNESS_H

#include <stddef.h>

/** The middle value; of an even number of values the mean of the two in the middle. Sorts them. */
double bench_median(double *values, size_t count);

/** Floating-point operations a second that `threads` cores reach together when they do nothing but
 *  multiply and add in registers: the best of several tries, with the widest instruction set that
 *  runs here. */
double bench_fma_peak(size_t threads);

/** Print a sentence and the library's own about the last failure, and exit with status 1. */
_Noreturn void bench_fail(const char *what);

#endif
