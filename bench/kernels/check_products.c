/* GEMM in all three forms. The gaps between the rows of a and b contain NaN, and those of c a
 * number, so that reads and writes there are detected. */
#include <math.h>
#include <string.h>

#include "checks.h"

enum { BETWEEN = 12345 };
static const char *const form_names[] = { "NN", "TN", "NT" };

typedef struct {
    cvy_gemm_form form;
    size_t m, n, k, lda, ldb, ldc;
    bool accumulate;
    float *a, *b, *c;
} product;

static float *create_matrix(uint32_t seed, size_t rows, size_t columns, size_t ld, float between)
{
    const size_t count = (rows - 1) * ld + columns;
    float *x = check_floats(count);

    check_fill(seed, -2, 2, count, x);
    for (size_t i = 0; i < count; i++)
        if (i % ld >= columns)
            x[i] = between;
    return x;
}

static product create(cvy_gemm_form form, const size_t size[3], size_t wider, bool accumulate)
{
    product p = {
        .form = form, .m = size[0], .n = size[1], .k = size[2], .accumulate = accumulate
    };
    const size_t a_rows = form == CVY_GEMM_TN ? p.k : p.m, a_columns = p.m + p.k - a_rows;
    const size_t b_rows = form == CVY_GEMM_NT ? p.n : p.k, b_columns = p.n + p.k - b_rows;

    p.lda = a_columns + wider;
    p.ldb = b_columns + 2 * wider;
    p.ldc = p.n + 3 * wider;
    p.a = create_matrix(1, a_rows, a_columns, p.lda, NAN);
    p.b = create_matrix(2, b_rows, b_columns, p.ldb, NAN);
    p.c = create_matrix(3, p.m, p.n, p.ldc, BETWEEN);
    return p;
}

static check_sum expected_at(const product *p, size_t i, size_t j)
{
    const bool is_tn = p->form == CVY_GEMM_TN, is_nt = p->form == CVY_GEMM_NT;
    check_sum sum = { .count = 1 }; /* without FMA, the first product is rounded too */

    if (p->accumulate)
        check_add(&sum, (double)p->c[i * p->ldc + j]);
    for (size_t l = 0; l < p->k; l++)
        check_add(&sum, (double)p->a[is_tn ? l * p->lda + i : i * p->lda + l] *
                            (double)p->b[is_nt ? j * p->ldb + l : l * p->ldb + j]);
    return sum;
}

static void check_product(const check_subject *subject, cvy_gemm_form form, const size_t size[3],
                          size_t wider, bool accumulate)
{
    check_begin("%s %zu x %zu x %zu, rows %zu wider%s", form_names[form], size[0], size[1], size[2],
                wider, accumulate ? ", added" : "");
    product p = create(form, size, wider, accumulate);
    const size_t count = (p.m - 1) * p.ldc + p.n;
    check_sum *expected = check_sums(count);

    for (size_t at = 0; at < count; at++)
        expected[at] = at % p.ldc < p.n ? expected_at(&p, at / p.ldc, at % p.ldc)
                                        : (check_sum){ .value = BETWEEN };
    for (size_t at = 0; !accumulate && at < count; at++)
        if (at % p.ldc < p.n)
            p.c[at] = NAN; /* must be overwritten */
    subject->compute.gemm->run(form, p.m, p.n, p.k, p.a, p.lda, p.b, p.ldb, accumulate, p.c, p.ldc);
    check_near("c", count, p.c, expected);
    check_end();
}

/* Products in parts, as lanes lie in the batch store, have the bits of the same products one after the other. */
static void check_parts(const check_subject *subject, size_t m, size_t n, size_t count,
                        bool accumulate)
{
    enum { K = CVY_LANE };
    const cvy_gemm_backend *gemm = subject->compute.gemm;
    const cvy_gemm_parts parts = { count, (m + n) * K + 32, (m + n) * K + 32 };
    const size_t floats = (count - 1) * parts.a_step;

    if (gemm->run_parts == NULL)
        return;
    check_begin("%zu parts of %zu x %zu x %d%s", count, m, n, K, accumulate ? ", added" : "");
    float *a = check_floats(floats + m * K), *b = check_floats(floats + n * K);
    float *c = check_floats(m * n), *expected = check_floats(m * n);
    check_fill(1, -1, 1, floats + m * K, a);
    check_fill(2, -1, 1, floats + n * K, b);
    check_fill(3, -1, 1, m * n, c);
    memcpy(expected, c, m * n * sizeof *c);
    for (size_t p = 0; p < count; p++)
        gemm->run(CVY_GEMM_NN, m, n, K, a + p * parts.a_step, K, b + p * parts.b_step, n,
                  accumulate || p > 0, expected, n);
    gemm->run_parts(m, n, K, parts, a, K, b, n, accumulate, c, n);
    check_same("c", m * n * sizeof *c, c, expected);
    check_end();
}

/* 1, primes, and one below and above the rows and vectors of tiles; k around the depth that is
 * processed at a time. */
static const size_t rows[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 31 };
static const size_t columns[] = { 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 97 };
static const size_t depths[] = { 1, 2, 3, 7, 15, 16, 17, 64, 101, 255, 256, 257 };

static const size_t parts[] = { 1, 2, 3, 15, 16, 17, 33 };

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void run(const check_subject *subject)
{
    size_t number = 0;

    if (subject->compute.gemm->enter_worker != NULL)
        subject->compute.gemm->enter_worker();
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < COUNT(columns); j++)
            for (int form = CVY_GEMM_NN; form <= CVY_GEMM_NT; form++, number++) {
                const size_t size[3] = { rows[i], columns[j], depths[number % COUNT(depths)] };
                check_product(subject, (cvy_gemm_form)form, size, number % 2 * 5, number % 3 == 0);
            }
    for (size_t i = 0; i < COUNT(parts); i++)
        for (size_t j = 0; j < COUNT(columns); j++)
            check_parts(subject, rows[(i + j) % COUNT(rows)], columns[j], parts[i], j % 2 == 0);
}

const kernel_check check_products = { "products", true, run };
