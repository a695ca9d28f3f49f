/* The definition of GEMM, against which every other backend is tested. Loops are ordered so that
 * the innermost one runs along rows if the form allows it. */
#include "kernels/gemm.h"

#include <string.h>

static bool always(const cvy_cpu *cpu)
{
    (void)cpu;
    return true;
}

static void product_nt(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b,
                       size_t ldb, float *c, size_t ldc)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t p = 0; p < k; p++)
                sum += a[i * lda + p] * b[j * ldb + p];
            c[i * ldc + j] += sum;
        }
}

static void run(cvy_gemm_form form, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, bool accumulate, float *c, size_t ldc)
{
    if (!accumulate)
        for (size_t i = 0; i < m; i++)
            memset(c + i * ldc, 0, n * sizeof *c);
    if (form == CVY_GEMM_NT) {
        product_nt(m, n, k, a, lda, b, ldb, c, ldc);
        return;
    }
    for (size_t i = 0; i < m; i++)
        for (size_t p = 0; p < k; p++) {
            float factor = form == CVY_GEMM_TN ? a[p * lda + i] : a[i * lda + p];
            for (size_t j = 0; j < n; j++)
                c[i * ldc + j] += factor * b[p * ldb + j];
        }
}

const cvy_gemm_backend cvy_gemm_reference = {
    .name = "reference",
    .summary = "plain loops: slow, the definition of correct",
    .is_usable = always,
    .run = run,
};
