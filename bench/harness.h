/* Functions shared by the benchmarks. */
#ifndef CVY_BENCH_HARNESS_H
#define CVY_BENCH_HARNESS_H

#include <stddef.h>

/** The median; for an even number of values, the mean of the two in the middle.
 *  Sorts the values. */
double bench_median(double *values, size_t count);

/** Floating-point operations per second of `threads` cores that only multiply and add in registers:
 *  the best of several tries, with the widest instruction set that runs here. */
double bench_fma_peak(size_t threads);

/** Bytes per second that `threads` cores move between memory and registers in a = b + 3 c over
 *  arrays of the size of `floats` floats: the best of several tries. The array that is written
 *  counts twice, since its lines are read before: four arrays, while STREAM counts three. */
double bench_bandwidth(size_t threads, size_t floats);

/** Joules that the processors have used since some time in the past, as RAPL counts them in
 *  /sys/class/powercap; NaN if it cannot be read, as in most virtual machines and by most users.
 *  Use the difference of two calls; counters must not wrap around between them. */
double bench_joules(void);

/** Print `what` and the library's message about the last failure, and exit with status 1. */
_Noreturn void bench_fail(const char *what);

#endif
