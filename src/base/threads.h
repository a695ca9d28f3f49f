/* Checks that the system grants the threads that OpenMP is about to create. OpenMP itself ends the
 * process if it cannot create one. */
#ifndef CVY_BASE_THREADS_H
#define CVY_BASE_THREADS_H

#include <stddef.h>

#include "base/error.h"

/** `wanted`, limited to the threads that OMP_THREAD_LIMIT allows to run at once; at least 1. */
size_t cvy_threads_granted(size_t wanted);

/**
 * Called before a parallel region of up to `count` threads by the thread that opens it. Creates as
 * many threads for a moment, unless the calling thread has had so many before.
 * Returns CVY_ERR_SETTING if their stacks would be too small for a worker (OMP_STACKSIZE, ulimit
 * -s), CVY_ERR_MEMORY if the system refuses one (RLIMIT_NPROC, pids.max, address space).
 */
cvy_status cvy_threads_prepare(size_t count);

#endif
