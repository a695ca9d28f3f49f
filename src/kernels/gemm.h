/* GEMM: one table of backends, best first, the reference last.
 *
 * All matrices are float32, row-major, with a leading dimension (floats from row to row). The
 * shapes in a step depend only on the model and the batch, never on the threads, and a backend must
 * give the same bits for the same shapes and 64-byte aligned operands. */
#ifndef CVY_KERNELS_GEMM_H
#define CVY_KERNELS_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu.h"
#include "base/error.h"

typedef enum {
    CVY_GEMM_NN, /* C = A B      A [m][k]  B [k][n] */
    CVY_GEMM_TN, /* C = A^T B    A [k][m]  B [k][n] */
    CVY_GEMM_NT, /* C = A B^T    A [m][k]  B [n][k] */
} cvy_gemm_form;

/** C [m][n] = product or, if `accumulate`, C += product. m, n and k are at least 1. */
typedef void cvy_gemm(cvy_gemm_form form, size_t m, size_t n, size_t k, const float *a, size_t lda,
                      const float *b, size_t ldb, bool accumulate, float *c, size_t ldc);

/* Several products of one shape, and the distances between their factors, in floats. */
typedef struct {
    size_t count, a_step, b_step;
} cvy_gemm_parts;

typedef struct {
    const char *name, *summary;
    const char *isa;    /* used with the kernels of this instruction set; NULL: with any */
    bool is_on_request; /* used only when CONVOY_GEMM names it */
    bool (*is_usable)(const cvy_cpu *cpu);
    cvy_status (*load)(void);    /* called before any function below; NULL: nothing to load */
    void (*enter_worker)(void);  /* called by each worker before its first product; may be NULL */
    size_t (*workers_max)(void); /* the most that may multiply at the same time; NULL: any number */
    void (*describe)(char *text, size_t size); /* prints version and build; may be NULL */
    const char *(*label)(void); /* the name in records; NULL if `name` alone determines the bits */
    cvy_gemm *run;
    /* C = (or += when `accumulate`) the sum over parts of A B, CVY_GEMM_NN: an element is one
     * chain over the parts and their k, as if the products were run one by one. NULL: not
     * supported. */
    void (*run_parts)(size_t m, size_t n, size_t k, cvy_gemm_parts parts, const float *a,
                      size_t lda, const float *b, size_t ldb, bool accumulate, float *c,
                      size_t ldc);
} cvy_gemm_backend;

/* Best first, NULL-terminated; the reference is last. */
extern const cvy_gemm_backend *const cvy_gemm_backends[];

/** Choose and load a backend: the first usable one for the chosen kernels (cvy_kernels_choose), or
 *  the one named by the environment variable CONVOY_GEMM. Returns CVY_ERR_SETTING if that one is
 *  unknown, not installed, or does not run here. */
cvy_status cvy_gemm_choose(const cvy_gemm_backend **backend);

/** The name of a chosen backend in records: "avx512", "openblas/Haswell". Two runs with the same
 *  label, kernels, seed and settings compute the same bits. */
const char *cvy_gemm_label(const cvy_gemm_backend *backend);

/** Returns CVY_ERR_SETTING if the backend cannot serve so many workers at the same time. The
 *  message begins with `what`, the setting's name. */
cvy_status cvy_gemm_check_workers(const cvy_gemm_backend *backend, const char *what,
                                  size_t workers);

#endif
