/* convoy's own GEMM for the shapes of lanes: it does not pack, allocate or lock.
 *
 * NN and TN: the rows of B are vectors of samples. A tile of C stays in registers during the loop
 * over k; an element of A, mostly a weight, is broadcast and multiplied with a few vectors of B. An
 * element of C is a chain of fused multiply-adds in the order of k.
 * NT: the sums run along the rows of both. 16 partial sums, of the products k, k + 16, k + 32 ...,
 * stay in registers; at the end they are added in a binary tree.
 *
 * So an element of C does not depend on m and n, on its neighbours, or on the vector width: a
 * product cut by rows or columns has the same bits, with every instruction set.
 * Source of register tiling: Goto and van de Geijn, Anatomy of High-Performance Matrix
 * Multiplication (2008); their packing pays only for matrices larger than a lane's. */
#include "kernels/gemm.h"
#include "kernels/vector.h"

/* The most rows and vectors of a tile. A tile that is one vector wide has more rows, to have enough
 * independent sums to hide the latency of an addition. */
enum { HAS_MANY = TILE_SUMS >= 24, HAS_FEW = TILE_SUMS < 12 };
enum { WIDE_ROWS = HAS_MANY ? 8 : HAS_FEW ? 2 : 6, WIDE_VECTORS = HAS_MANY ? 3 : 2 };
enum { NARROW_ROWS = HAS_MANY ? 16 : HAS_FEW ? 4 : 6, PART_ROWS = HAS_FEW ? 1 : 4 };
enum { DOT_ROWS = HAS_MANY ? 4 : HAS_FEW ? 2 : 3, DOT_COLUMNS = HAS_MANY ? 6 : HAS_FEW ? 2 : 4 };
enum { DOTS_MAX = (DOT_ROWS * DOT_COLUMNS + VECTOR - 1) / VECTOR * VECTOR };

/* --- NN and TN --- */

/* The part of k processed at a time: rows of A and B stay in the cache, and are read from memory in
 * one run. */
enum { DEPTH = 256 };

/* Some columns of C, starting at c, and of B. Element (i, p) of A is a[i * a_row + p * a_step]. The
 * sums are over several parts of k products each. */
typedef struct {
    size_t m, k, a_row, a_step, ldb, ldc;
    const float *a, *b;
    float *c;
    cvy_gemm_parts parts;
    size_t part; /* floats of a partial vector at the matrix's edge; 0: whole vectors */
    bool accumulate;
} columns;

ALWAYS_INLINE vector load_column(const columns *t, bool is_part, const float *x)
{
    return is_part ? vector_load_part(x, t->part) : vector_load(x);
}

static const float zeros[WIDE_VECTORS * VECTOR];

/* Compute a tile of C. k must be at least 1. */
ALWAYS_INLINE void tile(size_t rows, size_t vectors, bool is_part, const columns *t, size_t first)
{
    vector sum[NARROW_ROWS][WIDE_VECTORS];
    const size_t a_row = t->a_row, a_step = t->a_step, ldb = t->ldb, ldc = t->ldc;
    const float *a_of_part = t->a + first * a_row, *b_of_part = t->b;
    float *const c = t->c + first * ldc;
    const float *const start = t->accumulate ? c : zeros;
    const size_t start_step = t->accumulate ? ldc : 0;
    size_t parts = t->parts.count;

    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            sum[i][j] = load_column(t, is_part, start + i * start_step + j * VECTOR);
    do {
        const float *a = a_of_part, *b = b_of_part;
        size_t left = t->k;
        do {
            vector x[WIDE_VECTORS];
            for (size_t j = 0; j < vectors; j++)
                x[j] = load_column(t, is_part, b + j * VECTOR);
            for (size_t i = 0; i < rows; i++) {
                const vector w = vector_spread(a[i * a_row]);
                for (size_t j = 0; j < vectors; j++)
                    sum[i][j] = vector_fma(w, x[j], sum[i][j]);
            }
            a += a_step, b += ldb;
        } while (--left > 0);
        a_of_part += t->parts.a_step, b_of_part += t->parts.b_step;
    } while (--parts > 0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            if (is_part)
                vector_store_part(c + i * ldc, sum[i][j], t->part);
            else
                vector_store(c + i * ldc + j * VECTOR, sum[i][j]);
}

/* The compiler makes a separate loop for each number of rows that fits in the registers. */
#define ROWS(n, most)                                                                              \
    case n:                                                                                        \
        if ((n) <= (most))                                                                         \
            tile(n, vectors, is_part, t, first);                                                   \
        break;

ALWAYS_INLINE void run_few(size_t rows, size_t most, size_t vectors, bool is_part, const columns *t,
                           size_t first)
{
    switch (rows) {
        ROWS(1, most)
        ROWS(2, most)
        ROWS(3, most)
        ROWS(4, most)
        ROWS(5, most)
        ROWS(6, most)
        ROWS(7, most)
        ROWS(8, most)
    }
}

static void run_wide_rows(size_t rows, const columns *t, size_t first)
{
    run_few(rows, WIDE_ROWS, WIDE_VECTORS, false, t, first);
}

static void run_narrow_rows(size_t rows, const columns *t, size_t first)
{
    const size_t vectors = 1;
    const bool is_part = false;

    switch (rows) {
        ROWS(9, NARROW_ROWS)
        ROWS(10, NARROW_ROWS)
        ROWS(11, NARROW_ROWS)
        ROWS(12, NARROW_ROWS)
        ROWS(13, NARROW_ROWS)
        ROWS(14, NARROW_ROWS)
        ROWS(15, NARROW_ROWS)
        ROWS(16, NARROW_ROWS)
    default:
        run_few(rows, NARROW_ROWS, vectors, is_part, t, first);
    }
}

/* Few columns do not fill a vector, so few sizes are compiled for them. */
static void run_part_rows(size_t rows, const columns *t, size_t first)
{
    run_few(rows, PART_ROWS, 1, true, t, first);
}

ALWAYS_INLINE void run_all_rows(void run_rows(size_t rows, const columns *t, size_t first),
                                size_t most, const columns *t)
{
    const size_t groups = group_count(t->m, most);

    for (size_t g = 0; g < groups; g++) {
        const size_t first = group_begin(t->m, groups, g);
        run_rows(group_begin(t->m, groups, g + 1) - first, t, first);
    }
}

static void run_wide(const columns *t)
{
    run_all_rows(run_wide_rows, WIDE_ROWS, t);
}

static void run_narrow(const columns *t)
{
    run_all_rows(run_narrow_rows, NARROW_ROWS, t);
}

static void run_part(const columns *t)
{
    run_all_rows(run_part_rows, PART_ROWS, t);
}

/* Process k in pieces, or some parts at a time. The sums continue from piece to piece,
 * in the same order as without pieces. */
static void run_parts_of_depth(columns t, void run_piece(const columns *piece))
{
    const size_t most = t.k < DEPTH ? DEPTH / t.k : 1;

    for (size_t left = t.parts.count; left > 0; left -= t.parts.count) {
        t.parts.count = left < most ? left : most;
        run_piece(&t);
        t.a += t.parts.count * t.parts.a_step, t.b += t.parts.count * t.parts.b_step;
        t.accumulate = true;
    }
}

static void run_depth(columns t, void run_piece(const columns *piece))
{
    if (t.parts.count > 1) {
        run_parts_of_depth(t, run_piece);
        return;
    }
    for (size_t left = t.k; left > 0; left -= t.k) {
        t.k = left < DEPTH ? left : DEPTH;
        run_piece(&t);
        t.a += t.k * t.a_step, t.b += t.k * t.ldb;
        t.accumulate = true;
    }
}

static void run_columns(columns t, size_t n)
{
    const float *b = t.b;
    float *c = t.c;
    size_t j = 0;

    for (; j + WIDE_VECTORS * VECTOR <= n; j += WIDE_VECTORS * VECTOR) {
        t.b = b + j, t.c = c + j;
        run_depth(t, run_wide);
    }
    for (; j + VECTOR <= n; j += VECTOR) {
        t.b = b + j, t.c = c + j;
        run_depth(t, run_narrow);
    }
    if (j < n) {
        t.b = b + j, t.c = c + j, t.part = n - j;
        run_depth(t, run_part);
    }
}

/* --- NT --- */

/* Rows of A and B, and their products in C. */
typedef struct {
    size_t k, lda, ldb, ldc;
    const float *a, *b;
    float *c;
    bool accumulate;
} rows_of_both;

ALWAYS_INLINE void add_products(size_t rows, size_t width, const vector *x, const vector *y,
                                vector *sum)
{
    for (size_t j = 0; j < width; j++)
        for (size_t i = 0; i < rows; i++)
            sum[i * width + j] = vector_fma(x[i], y[j], sum[i * width + j]);
}

/* Compute one vector of the 16 partial sums, starting with number `part`, over the whole groups of
 * 16 in the rows. */
ALWAYS_INLINE void add_part(size_t rows, size_t width, const rows_of_both *t, size_t part,
                            vector *sum)
{
    vector x[DOT_ROWS], y[DOT_COLUMNS];

    for (size_t i = 0; i < rows * width; i++)
        sum[i] = (vector){ 0 };
    for (size_t p = part; p + VECTOR <= t->k; p += CVY_LANE) {
        for (size_t i = 0; i < rows; i++)
            x[i] = vector_load(t->a + i * t->lda + p);
        for (size_t j = 0; j < width; j++)
            y[j] = vector_load(t->b + j * t->ldb + p);
        add_products(rows, width, x, y, sum);
    }
}

/* Add the rest of the rows to the partial sums. Compiled once for all sizes. */
static __attribute__((noinline, cold)) void
add_rest(size_t rows, size_t width, const rows_of_both *t, vector parts[LANE_VECTORS][DOTS_MAX])
{
    const size_t rest = t->k % VECTOR, p = t->k - rest;
    vector *sum = parts[p % CVY_LANE / VECTOR];

    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++, sum++)
            *sum = vector_fma(vector_load_part(t->a + i * t->lda + p, rest),
                              vector_load_part(t->b + j * t->ldb + p, rest), *sum);
}

/* Add up the partial sums of `rows` times `width` products. Compiled once for all sizes. */
SEPARATE void finish(size_t rows, size_t width, const rows_of_both *t,
                     vector parts[LANE_VECTORS][DOTS_MAX])
{
    const size_t count = rows * width;
    vector sum[DOTS_MAX];
    float dots[DOTS_MAX];

    for (size_t i = 0; i < count; i++) {
        vector lane[LANE_VECTORS];
        for (size_t part = 0; part < LANE_VECTORS; part++)
            lane[part] = parts[part][i];
        sum[i] = vector_add_lane(lane);
    }
    for (size_t i = count; i % VECTOR != 0; i++)
        sum[i] = (vector){ 0 };
    for (size_t i = 0; i < count; i += VECTOR)
        vector_store(dots + i, vector_add_elements(sum + i));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++) {
            float *c = t->c + i * t->ldc + j;
            *c = t->accumulate ? *c + dots[i * width + j] : dots[i * width + j];
        }
}

ALWAYS_INLINE void dot(size_t rows, size_t width, const rows_of_both *t)
{
    vector parts[LANE_VECTORS][DOTS_MAX];

    for (size_t part = 0; part < LANE_VECTORS; part++) {
        vector sum[DOT_ROWS * DOT_COLUMNS]; /* in registers */
        add_part(rows, width, t, part * VECTOR, sum);
        memcpy(parts[part], sum, rows * width * sizeof *sum);
    }
    if (t->k % VECTOR != 0)
        add_rest(rows, width, t, parts);
    finish(rows, width, t, parts);
}

#define COLUMNS(rows, n)                                                                           \
    case n:                                                                                        \
        if ((n) <= DOT_COLUMNS)                                                                    \
            dot(rows, n, t);                                                                       \
        break;

ALWAYS_INLINE void dot_of_rows(size_t rows, size_t width, const rows_of_both *t)
{
    switch (width) {
        COLUMNS(rows, 1)
        COLUMNS(rows, 2)
        COLUMNS(rows, 3)
        COLUMNS(rows, 4)
        COLUMNS(rows, 5)
        COLUMNS(rows, 6)
    }
}

#define ROWS_OF_DOT(n)                                                                             \
    case n:                                                                                        \
        if ((n) <= DOT_ROWS)                                                                       \
            dot_of_rows(n, width, t);                                                              \
        break;

static void run_dot(size_t rows, size_t width, const rows_of_both *t)
{
    switch (rows) {
        ROWS_OF_DOT(1)
        ROWS_OF_DOT(2)
        ROWS_OF_DOT(3)
        ROWS_OF_DOT(4)
    }
}

static void run_rows(const rows_of_both *all, size_t m, size_t n)
{
    const size_t row_groups = group_count(m, DOT_ROWS);
    const size_t column_groups = group_count(n, DOT_COLUMNS);

    for (size_t g = 0; g < row_groups; g++)
        for (size_t h = 0; h < column_groups; h++) {
            const size_t i = group_begin(m, row_groups, g), j = group_begin(n, column_groups, h);
            rows_of_both t = *all;
            t.a += i * t.lda, t.b += j * t.ldb, t.c += i * t.ldc + j;
            run_dot(group_begin(m, row_groups, g + 1) - i, group_begin(n, column_groups, h + 1) - j,
                    &t);
        }
}

/* --- the backend --- */

static void run(cvy_gemm_form form, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, bool accumulate, float *c, size_t ldc)
{
    if (form == CVY_GEMM_NT)
        run_rows(&(rows_of_both){ .k = k,
                                  .lda = lda,
                                  .ldb = ldb,
                                  .ldc = ldc,
                                  .a = a,
                                  .b = b,
                                  .c = c,
                                  .accumulate = accumulate },
                 m, n);
    else
        run_columns((columns){ .m = m,
                               .k = k,
                               .a_row = form == CVY_GEMM_TN ? 1 : lda,
                               .a_step = form == CVY_GEMM_TN ? lda : 1,
                               .ldb = ldb,
                               .ldc = ldc,
                               .a = a,
                               .b = b,
                               .c = c,
                               .parts = { .count = 1 },
                               .accumulate = accumulate },
                    n);
}

static void run_parts(size_t m, size_t n, size_t k, cvy_gemm_parts parts, const float *a,
                      size_t lda, const float *b, size_t ldb, bool accumulate, float *c, size_t ldc)
{
    run_columns((columns){ .m = m,
                           .k = k,
                           .a_row = lda,
                           .a_step = 1,
                           .ldb = ldb,
                           .ldc = ldc,
                           .a = a,
                           .b = b,
                           .c = c,
                           .parts = parts,
                           .accumulate = accumulate },
                n);
}

extern const cvy_kernels CVY_FOR_ISA(cvy_kernels);

static bool is_usable(const cvy_cpu *cpu)
{
    return CVY_FOR_ISA(cvy_kernels).is_usable(cpu);
}

extern const cvy_gemm_backend CVY_FOR_ISA(cvy_gemm);
const cvy_gemm_backend CVY_FOR_ISA(cvy_gemm) = {
    .name = CVY_ISA_TEXT(CVY_ISA),
    .summary = "convoy's own, for " CVY_ISA_TEXT(CVY_ISA),
    .isa = CVY_ISA_TEXT(CVY_ISA),
    .is_usable = is_usable,
    .run = run,
    .run_parts = run_parts,
};
