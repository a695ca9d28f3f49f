/* What this machine can do at most, measured: arithmetic and memory. */
#ifndef CVY_MACHINE_CEILINGS_H
#define CVY_MACHINE_CEILINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/train.h"
#include "kernels/kernels.h"

/** Floating-point operations a second of `threads` workers that do nothing but multiply and add in
 *  registers: the best of `tries`, of some ten milliseconds each. */
double cvy_measure_fma(const cvy_kernels *kernels, cvy_bind bind, size_t threads, size_t tries);

/* Three arrays far larger than the caches. */
typedef struct {
    size_t count;  /* doubles in each */
    bool is_small; /* less than four times the last level of cache */
    double *a, *b, *c;
} cvy_triad;

enum { CVY_TRIAD_BYTES_MAX = 128 << 20 };

/** Arrays of `bytes` each; 0: four times the last level of cache, as STREAM asks for, but at most
 *  CVY_TRIAD_BYTES_MAX. Filled by `threads` workers. Returns CVY_ERR_MEMORY. */
cvy_status cvy_triad_create(cvy_bind bind, size_t threads, size_t bytes, cvy_triad *triad);
void cvy_triad_release(cvy_triad *triad);

/** Bytes a second of a = b + q c, counted as 24 an element.
 *  Source: McCalpin, Memory Bandwidth and Machine Balance (1995): STREAM. */
double cvy_measure_triad(const cvy_triad *triad, cvy_bind bind, size_t threads);

/** Seconds that a worker takes to write a cache line which another one has read since it wrote it last:
 *  what cores of one cache do in a few nanoseconds, and cores far from each other in many times that.
 *  The line is in the triad's arrays; of all other workers the farthest counts, by medians. NaN with
 *  one thread. */
double cvy_measure_exchange(const cvy_triad *triad, cvy_bind bind, size_t threads);

#endif
