/* The version of this library, and the threads and kernels that it uses on this machine. Any
 * thread. */
#ifndef CONVOY_RUNTIME_H
#define CONVOY_RUNTIME_H

#include <stddef.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the running library, "0.1.0"; CVY_VERSION_STRING is that of the header. */
CVY_API const char *cvy_version(void);

/* The number of workers to use. Allocated by the library. */
typedef struct {
    size_t recommended; /* at least 1 */
    size_t max;         /* what the GEMM backend supports, at most CVY_WORKERS_MAX */
    const char *reason; /* a phrase: "one for each of 8 cores" */
} cvy_threads_info;

/** The recommended number of threads: the first number of OMP_NUM_THREADS, else one for each core
 *  that this process may use and its CPU quota can keep busy; never more than `max`. Valid until
 *  the calling thread calls this again. */
CVY_API const cvy_threads_info *cvy_threads_recommended(void);

/**
 * Get the kernels that this process computes with.
 * gemm  matrix products: "avx512", "avx2", "openblas", ... (CONVOY_GEMM forces one)
 * isa   instruction set of all other kernels: "avx512", "avx2", "generic" (CONVOY_ISA forces one)
 * Each may be NULL; constant texts are written on CVY_OK. Returns CVY_ERR_SETTING if a forced
 * kernel is unknown or does not run here.
 */
CVY_API cvy_status cvy_kernels_selected(const char **gemm, const char **isa);

#ifdef __cplusplus
}
#endif

#endif
