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

/** Bytes a second that `threads` cores move together between memory and registers in a = b + 3 c
 *  over arrays as large as `floats` numbers: the best of several tries. What is written counts
 *  twice, for its line is read before: four arrays, where STREAM counts three. */
double bench_bandwidth(size_t threads, size_t floats);

/** Joules that the processors have taken since some time in the past, as RAPL counts them in
 *  /sys/class/powercap; NaN where that cannot be read, as in most virtual machines and by most users. Of use is
 *  the difference between two calls, which the counters must not have passed their end between. */
double bench_joules(void);

/** Print a sentence and the library's own about the last failure, and exit with status 1. */
_Noreturn void bench_fail(const char *what);

#endif
