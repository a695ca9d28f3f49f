/* Matrix products: their independence of threads and of what lies beside them, and the choice of a backend.
 * Their numbers are checked by bench/kernels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "support/slow_build.h"
#include "support/kernel_sets.h"
#include "support/numbers.h"

/* One product and its operands. What lies between the rows of a and b is NaN, and between those of
 * c the number BETWEEN: a backend that reads or writes there gives itself away. */
typedef struct {
    cvy_gemm_form form;
    size_t m, n, k, lda, ldb, ldc, a_floats, b_floats, c_floats;
    bool accumulate;
    float *a, *b, *c, *c_before;
} product;

enum { BETWEEN = 12345 };
static const char *const form_names[] = { "NN", "TN", "NT" };

static float *create_matrix(uint32_t seed, size_t rows, size_t columns, size_t ld, float between)
{
    float *x = numbers_floats(rows * ld);

    numbers_fill_uniform(seed, -2, 2, rows * ld, x);
    for (size_t i = 0; i < rows * ld; i++)
        if (i % ld >= columns)
            x[i] = between;
    return x;
}

static product create_product(cvy_gemm_form form, const size_t size[3], size_t wider,
                              bool accumulate)
{
    product p = { .form = form, .m = size[0], .n = size[1], .k = size[2] };
    const size_t a_rows = form == CVY_GEMM_TN ? p.k : p.m, a_columns = p.m + p.k - a_rows;
    const size_t b_rows = form == CVY_GEMM_NT ? p.n : p.k, b_columns = p.n + p.k - b_rows;

    p.accumulate = accumulate;
    p.lda = a_columns + wider;
    p.ldb = b_columns + 2 * wider;
    p.ldc = p.n + 3 * wider;
    p.a_floats = a_rows * p.lda;
    p.b_floats = b_rows * p.ldb;
    p.c_floats = p.m * p.ldc;
    p.a = create_matrix(1, a_rows, a_columns, p.lda, NAN);
    p.b = create_matrix(2, b_rows, b_columns, p.ldb, NAN);
    p.c_before = create_matrix(3, p.m, p.n, p.ldc, BETWEEN);
    p.c = numbers_floats(p.c_floats);
    return p;
}

static void release_product(product *p)
{
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->c_before);
}

/* c is given whatever must not matter: NaN where it is to be overwritten. */
static void run_product(const cvy_gemm_backend *backend, product *p, float *c)
{
    memcpy(c, p->c_before, p->c_floats * sizeof *c);
    for (size_t i = 0; !p->accumulate && i < p->c_floats; i++)
        if (i % p->ldc < p->n)
            c[i] = NAN;
    backend->run(p->form, p->m, p->n, p->k, p->a, p->lda, p->b, p->ldb, p->accumulate, c, p->ldc);
}

static const size_t sizes[][3] = {
    { 1, 1, 1 },    { 1, 16, 1 },     { 2, 3, 5 },    { 7, 11, 13 },  { 17, 19, 23 },
    { 1, 97, 31 },  { 97, 1, 31 },    { 31, 97, 1 },  { 16, 16, 16 }, { 33, 65, 129 },
    { 64, 64, 64 }, { 10, 16, 397 },  { 25, 6, 512 }, { 6, 448, 25 }, { 1, 1, 1009 },
    { 113, 16, 3 }, { 127, 101, 89 },
};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };

/* A diverged training must show, so no backend may leave out a product because a factor is 0. */
Test(gemm, what_is_not_a_number_comes_through)
{
    static const size_t size[3] = { 5, 16, 7 };
    const cvy_gemm_backend *backend;

    for (size_t b = 0; (backend = gemm_backend(b)) != NULL; b++)
        for (int form = CVY_GEMM_NN; form <= CVY_GEMM_NT; form++) {
            product p = create_product((cvy_gemm_form)form, size, 0, false);
            size_t missing = 0;
            memset(p.a, 0, p.a_floats * sizeof *p.a);
            for (size_t i = 0; i < p.b_floats; i++)
                p.b[i] = i % 2 == 0 ? NAN : INFINITY;
            run_product(backend, &p, p.c);
            for (size_t i = 0; i < p.c_floats; i++)
                missing += !isnan(p.c[i]);
            cr_expect(zero(sz, missing), "%s %s", backend->name, form_names[form]);
            release_product(&p);
        }
}

/* The products of SIZE_COUNT sizes and all forms, computed once by one thread alone. */
enum { PRODUCT_COUNT = 3 * SIZE_COUNT, TEAM = 4, CROWD = 127, ROUNDS = 6 };

static size_t count_changed_products(const cvy_gemm_backend *backend, product *products,
                                     size_t team)
{
    size_t changed = 0;

#pragma omp parallel num_threads((int)team) reduction(+ : changed)
    {
        float *c = numbers_floats(256 * 512);
        if (backend->enter_worker != NULL)
            backend->enter_worker();
        for (size_t i = 0; i < ROUNDS * PRODUCT_COUNT; i++) {
            /* a different order in each thread, so that different products meet */
            size_t which = (i * (size_t)(2 * omp_get_thread_num() + 5)) % PRODUCT_COUNT;
            product *p = &products[which];
            run_product(backend, p, c);
            changed += memcmp(c, p->c, p->c_floats * sizeof *c) != 0;
        }
        free(c);
    }
    return changed;
}

Test(gemm, bits_do_not_depend_on_threads_or_on_other_products)
{
    const cvy_gemm_backend *backend;
    product products[PRODUCT_COUNT];

    for (size_t b = 0; (backend = gemm_backend(b)) != NULL; b++) {
        if (backend->enter_worker != NULL)
            backend->enter_worker();
        for (size_t i = 0; i < PRODUCT_COUNT; i++) {
            products[i] = create_product((cvy_gemm_form)(i % 3), sizes[i / 3], 0, i % 2 == 1);
            run_product(backend, &products[i], products[i].c);
        }
        cr_expect(zero(sz, count_changed_products(backend, products, TEAM)), "%s", backend->name);
        const size_t most = backend->workers_max != NULL ? backend->workers_max() : CROWD;
        if (!IS_SLOW || b == 0)
            cr_expect(
                zero(sz, count_changed_products(backend, products, most < CROWD ? most : CROWD)),
                "%s with a crowd of workers", backend->name);
        for (size_t i = 0; i < PRODUCT_COUNT; i++)
            release_product(&products[i]);
    }
}

/* Some rows and some columns of a product, in place in c. */
static void run_part(const cvy_gemm_backend *backend, const product *p, size_t i, size_t rows,
                     size_t j, size_t columns, float *c)
{
    const float *a = p->a + (p->form == CVY_GEMM_TN ? i : i * p->lda);
    const float *b = p->b + (p->form == CVY_GEMM_NT ? j * p->ldb : j);

    backend->run(p->form, rows, columns, p->k, a, p->lda, b, p->ldb, p->accumulate,
                 c + i * p->ldc + j, p->ldc);
}

/* Convoy's own add up an element in one order, wherever it stands. */
Test(gemm, our_own_come_to_the_same_bits_in_parts)
{
    static const size_t steps[][2] = { { 1, 1 }, { 5, 16 }, { 16, 48 }, { 9, 7 } };
    const cvy_gemm_backend *backend;

    for (size_t b = 0; (backend = gemm_backend(b)) != NULL; b++)
        for (size_t i = 0; backend->isa != NULL && i < 3 * SIZE_COUNT * 4; i++) {
            const size_t *step = steps[i % 4];
            product p = create_product((cvy_gemm_form)(i / 4 % 3), sizes[i / 12], 3, i % 8 > 3);
            float *parts = numbers_floats(p.c_floats);
            run_product(backend, &p, p.c);
            memcpy(parts, p.c_before, p.c_floats * sizeof *parts);
            for (size_t row = 0; row < p.m; row += step[0])
                for (size_t column = 0; column < p.n; column += step[1])
                    run_part(backend, &p, row, p.m - row < step[0] ? p.m - row : step[0], column,
                             p.n - column < step[1] ? p.n - column : step[1], parts);
            numbers_expect_same(p.c_floats, parts, p.c, "%s %s %zu x %zu x %zu, parts %zu x %zu",
                                backend->name, form_names[p.form], p.m, p.n, p.k, step[0], step[1]);
            free(parts);
            release_product(&p);
        }
}

Test(gemm, each_instruction_set_has_its_own)
{
    for (size_t k = 0; kernel_set(k) != NULL; k++) {
        const cvy_gemm_backend *chosen;
        size_t b = 0;
        while (gemm_backend(b) != NULL && (gemm_backend(b)->isa == NULL ||
                                           strcmp(gemm_backend(b)->isa, kernel_set(k)->name) != 0))
            b++;
        cr_assert(gemm_backend(b) != NULL, "%s", kernel_set(k)->name);
        unsetenv("CONVOY_GEMM");
        setenv("CONVOY_ISA", kernel_set(k)->name, 1);
        cr_assert(eq(int, cvy_gemm_choose(&chosen), CVY_OK));
        cr_expect(chosen->isa == NULL || chosen == gemm_backend(b), "%s got %s",
                  kernel_set(k)->name, chosen->name);
    }
}

Test(gemm, more_workers_than_a_backend_serves_are_refused)
{
    const cvy_gemm_backend *backend;

    for (size_t b = 0; (backend = gemm_backend(b)) != NULL; b++) {
        const size_t most = backend->workers_max != NULL ? backend->workers_max() : SIZE_MAX;
        cr_expect(ge(sz, most, 49));
        cr_expect(eq(int, cvy_gemm_check_workers(backend, "threads", most), CVY_OK));
        if (most < SIZE_MAX)
            cr_expect(
                eq(int, cvy_gemm_check_workers(backend, "threads", most + 1), CVY_ERR_SETTING));
    }
}

Test(gemm, the_reference_is_there_and_last)
{
    size_t count = 0;

    while (cvy_gemm_backends[count] != NULL)
        count++;
    cr_assert(gt(sz, count, 0));
    cr_expect(eq(str, (char *)cvy_gemm_backends[count - 1]->name, "reference"));
}

Test(gemm, the_environment_forces_a_backend)
{
    const cvy_gemm_backend *backend, *chosen;

    for (size_t b = 0; (backend = gemm_backend(b)) != NULL; b++) {
        setenv("CONVOY_GEMM", backend->name, 1);
        cr_expect(eq(int, cvy_gemm_choose(&chosen), CVY_OK), "%s", backend->name);
        cr_expect(eq(ptr, (void *)chosen, (void *)backend), "%s", backend->name);
    }
}

Test(gemm, without_the_variable_the_best_is_chosen)
{
    const cvy_gemm_backend *chosen;

    unsetenv("CONVOY_GEMM");
    cr_assert(eq(int, cvy_gemm_choose(&chosen), CVY_OK));
    cr_expect(eq(ptr, (void *)chosen, (void *)gemm_backend(0)));
    setenv("CONVOY_GEMM", "", 1);
    cr_assert(eq(int, cvy_gemm_choose(&chosen), CVY_OK));
    cr_expect(eq(ptr, (void *)chosen, (void *)gemm_backend(0)));
}

Test(gemm, a_wrong_name_is_refused_with_what_was_found)
{
    static const char *const names[] = { "fast", "openbla", "Reference", " " };
    const cvy_gemm_backend *chosen;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("CONVOY_GEMM", names[i], 1);
        cr_expect(eq(int, cvy_gemm_choose(&chosen), CVY_ERR_SETTING), "%s", names[i]);
        cr_expect(eq(ptr, (void *)cvy_error_message(),
                     strstr(cvy_error_message(), "CONVOY_GEMM: found \"")));
        cr_expect(ne(ptr, strstr(cvy_error_message(), names[i]), NULL), "%s", names[i]);
    }
}
