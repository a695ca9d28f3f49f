/* The machine's measured peak performance: arithmetic and memory. */
#ifndef CVY_MACHINE_CEILINGS_H
#define CVY_MACHINE_CEILINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/train.h"
#include "kernels/kernels.h"

/** Floating-point operations per second of `threads` workers that only multiply and add in
 *  registers: the best of `tries` tries of some ten milliseconds each. */
double cvy_measure_fma(const cvy_kernels *kernels, cvy_bind bind, size_t threads, size_t tries);

/* Three arrays far larger than the caches. */
typedef struct {
    size_t count;  /* doubles in each */
    bool is_small; /* less than four times the last-level cache */
    double *a, *b, *c;
} cvy_triad;

enum { CVY_TRIAD_BYTES_MAX = 128 << 20 };

/** Allocate arrays of `bytes` each; 0: four times the last-level cache, as STREAM requires, but at
 *  most CVY_TRIAD_BYTES_MAX. `threads` workers fill them. Returns CVY_ERR_MEMORY. */
cvy_status cvy_triad_create(cvy_bind bind, size_t threads, size_t bytes, cvy_triad *triad);
void cvy_triad_release(cvy_triad *triad);

/** Bytes per second of a = b + q c, counted as 24 per element.
 *  Source: McCalpin, Memory Bandwidth and Machine Balance (1995): STREAM. */
double cvy_measure_triad(const cvy_triad *triad, cvy_bind bind, size_t threads);

/** Core-to-core latency: seconds to write a cache line that another worker has read since the last
 *  write. Cores that share a cache need a few nanoseconds, distant cores many times that. The lines
 *  are in the triad's arrays.
 *  Returns the largest median over all other workers; NaN with one thread. */
double cvy_measure_exchange(const cvy_triad *triad, cvy_bind bind, size_t threads);

#endif
