/* Matrix products by OpenBLAS: the only file that knows of it.
 *
 * Workers call it at the same time, each for itself, so every build of it has to stay on the
 * calling thread. The serial build does anyway. The pthread build obeys
 * openblas_set_num_threads(1). The OpenMP build takes omp_get_max_threads() anew at each call
 * outside an active parallel region, and a team of one is not active: so each worker also sets
 * its own OpenMP thread count to one (OpenBLAS 0.3.21, common_thread.h; OpenBLAS issue 5806).
 *
 * Every product in work holds a buffer, and the library is built with two for each thread that it
 * may use at most. When they run out it adds some and may crash (0.3.21), or ends the program
 * (OpenBLAS issues 1451, 3321, 4216), so there may not be more workers than that. */
#include "kernels/gemm.h"

#include <cblas.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool always(const cvy_cpu *cpu)
{
    (void)cpu;
    return true;
}

static void enter_worker(void)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

    if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL)
        return;
    omp_set_num_threads(1); /* of this worker */
    pthread_mutex_lock(&one_at_a_time);
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1); /* of the process; gives buffers back, and not safely twice */
    pthread_mutex_unlock(&one_at_a_time);
}

/* One buffer stays with OpenBLAS itself. A build that does not tell is taken for a small one: 50
 * buffers is the least that there are (common.h, NUM_BUFFERS). */
static size_t workers_max(void)
{
    enum { BUFFERS_MIN = 50 };
    const char *limit = strstr(openblas_get_config(), "MAX_THREADS=");
    const size_t threads = limit != NULL ? strtoul(limit + strlen("MAX_THREADS="), NULL, 10) : 0;

    return (2 * threads > BUFFERS_MIN ? 2 * threads : BUFFERS_MIN) - 1;
}

static void describe(char *text, size_t size)
{
    static const char *const builds[] = { [OPENBLAS_SEQUENTIAL] = "serial",
                                          [OPENBLAS_THREAD] = "pthread",
                                          [OPENBLAS_OPENMP] = "openmp" };
    snprintf(text, size, "%s; build: %s; core: %s", openblas_get_config(),
             builds[openblas_get_parallel()], openblas_get_corename());
}

static void run(cvy_gemm_form form, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, bool accumulate, float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, form == CVY_GEMM_TN ? CblasTrans : CblasNoTrans,
                form == CVY_GEMM_NT ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k,
                1.0f, a, (blasint)lda, b, (blasint)ldb, accumulate ? 1.0f : 0.0f, c, (blasint)ldc);
}

const cvy_gemm_backend cvy_gemm_openblas = {
    .name = "openblas",
    .summary = "OpenBLAS, one thread in each worker",
    .is_usable = always,
    .enter_worker = enter_worker,
    .workers_max = workers_max,
    .describe = describe,
    .run = run,
};
