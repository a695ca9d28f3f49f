/* Matrix products by OpenBLAS: the only file that knows of it.
 *
 * Workers call it at the same time, each for itself, so every build of it has to stay on the
 * calling thread. The serial build does anyway. The pthread build obeys
 * openblas_set_num_threads(1). The OpenMP build takes omp_get_max_threads() anew at each call
 * outside an active parallel region, and a team of one is not active: so each worker also sets
 * its own OpenMP thread count to one (OpenBLAS 0.3.21, common_thread.h; OpenBLAS issue 5806). */
#include "kernels/gemm.h"

#include <cblas.h>
#include <omp.h>
#include <stdio.h>

static bool always(const cvy_cpu *cpu)
{
    (void)cpu;
    return true;
}

static void enter_worker(void)
{
    if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL)
        return;
    omp_set_num_threads(1);
    openblas_set_num_threads(1);
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
    .describe = describe,
    .run = run,
};
