/* Matrix products of our own, for the shapes of lanes: nothing is packed, allocated or locked.
 *
 * NN and TN: the rows of B are vectors of samples. A tile of C stays in registers while the sum goes
 * over k; an element of A, mostly a weight, is spread over a vector and meets a few vectors of B.
 * NT: the sums run along the rows of both. A tile of partial sums, one in each slot of a vector, stays
 * in registers, and at the end the slots are added in a tree.
 *
 * An element of C is added up in the same order whatever m and n are, and whatever lies beside it, so
 * that a product cut by rows or columns comes to the same bits. Compiled once per instruction set.
 * Source of the idea of a tile in registers: Goto and van de Geijn, Anatomy of High-Performance Matrix
 * Multiplication (2008); their packing pays for matrices that are larger than a lane's. */
#include "kernels/gemm.h"
#include "kernels/kernels.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* A tile's sums fill the registers but for what they are made of: 24 of AVX-512's 32, 12 of 16. A tile
 * one vector wide has more rows, so that there are sums enough to add to while others are not done. */
#if defined(__AVX512F__)
enum { VECTOR = 16, WIDE_ROWS = 8, WIDE_VECTORS = 3, NARROW_ROWS = 16 };
enum { DOT_ROWS = 4, DOT_COLUMNS = 6 };
#else
#if defined(__AVX2__)
enum { VECTOR = 8 };
#else
enum { VECTOR = 4 };
#endif
enum { WIDE_ROWS = 6, WIDE_VECTORS = 2, NARROW_ROWS = 6 };
enum { DOT_ROWS = 3, DOT_COLUMNS = 4 };
#endif
enum { ROWS_MAX = 16, SUMS_MAX = 32 /* whole vectors of them */ };

typedef float vector __attribute__((vector_size(VECTOR * sizeof(float))));
/* A vector anywhere in an array of floats. */
typedef float placed __attribute__((vector_size(VECTOR * sizeof(float)), aligned(4), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE vector load(const float *x)
{
    return *(const placed *)x;
}

ALWAYS_INLINE void store(float *x, vector v)
{
    *(placed *)x = v;
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/* All bits of the first `count` of eight. */
ALWAYS_INLINE __m256i mask_of(size_t count)
{
    const __m256i number = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), number);
}
#endif

/* The first `count` floats, fewer than a vector has; the rest is 0, and not touched in memory. */
ALWAYS_INLINE vector load_part(const float *x, size_t count)
{
#if defined(__AVX512F__)
    return (vector)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
#elif defined(__AVX2__)
    return (vector)_mm256_maskload_ps(x, mask_of(count));
#else
    vector v = { 0 };
    memcpy(&v, x, count * sizeof *x);
    return v;
#endif
}

ALWAYS_INLINE void store_part(float *x, vector v, size_t count)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(x, (__mmask16)((1u << count) - 1), (__m512)v);
#elif defined(__AVX2__)
    _mm256_maskstore_ps(x, mask_of(count), (__m256)v);
#else
    memcpy(x, &v, count * sizeof *x);
#endif
}

/* `count` things in groups of `most` at most, as even as can be: how many, and where one begins. */
static size_t group_count(size_t count, size_t most)
{
    return (count + most - 1) / most;
}

static size_t group_begin(size_t count, size_t groups, size_t g)
{
    return count * g / groups;
}

/* --- NN and TN --- */

/* So much of k at a time that rows of A and B come from the cache, and from memory in one run. */
enum { DEPTH = 256 };

/* Some of C's columns, from c on, and B's; A's element (i, p) is at a[i * a_row + p * a_step]. */
typedef struct {
    size_t m, k, a_row, a_step, ldb, ldc;
    const float *a, *b;
    float *c;
    size_t part; /* floats of a vector that is cut off by the matrix's edge; 0: all of them */
    bool accumulate;
} columns;

ALWAYS_INLINE vector load_column(const columns *t, bool is_part, const float *x)
{
    return is_part ? load_part(x, t->part) : load(x);
}

ALWAYS_INLINE void tile(size_t rows, size_t vectors, bool is_part, const columns *t, size_t first)
{
    vector sum[ROWS_MAX][WIDE_VECTORS];
    const size_t a_row = t->a_row, a_step = t->a_step, ldb = t->ldb, ldc = t->ldc;
    const float *a = t->a + first * a_row, *b = t->b;
    float *c = t->c + first * ldc;

    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            sum[i][j] =
                t->accumulate ? load_column(t, is_part, c + i * ldc + j * VECTOR) : (vector){ 0 };
    for (size_t p = t->k; p > 0; p--, a += a_step, b += ldb) {
        vector x[WIDE_VECTORS];
        for (size_t j = 0; j < vectors; j++)
            x[j] = load_column(t, is_part, b + j * VECTOR);
        for (size_t i = 0; i < rows; i++) {
            const float w = a[i * a_row];
            for (size_t j = 0; j < vectors; j++)
                sum[i][j] += w * x[j];
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            if (is_part)
                store_part(c + i * ldc, sum[i][j], t->part);
            else
                store(c + i * ldc + j * VECTOR, sum[i][j]);
}

/* The compiler makes one loop of each number of rows. */
#define ROWS(n)                                                                                    \
    case n:                                                                                        \
        tile(n, vectors, is_part, t, first);                                                       \
        break

ALWAYS_INLINE void tile_of_few(size_t rows, size_t vectors, bool is_part, const columns *t,
                               size_t first)
{
    switch (rows) {
        ROWS(1);
        ROWS(2);
        ROWS(3);
        ROWS(4);
        ROWS(5);
        ROWS(6);
#if defined(__AVX512F__)
        ROWS(7);
        ROWS(8);
#endif
    }
}

ALWAYS_INLINE void tile_of_many(size_t rows, size_t vectors, bool is_part, const columns *t,
                                size_t first)
{
    switch (rows) {
#if defined(__AVX512F__)
        ROWS(9);
        ROWS(10);
        ROWS(11);
        ROWS(12);
        ROWS(13);
        ROWS(14);
        ROWS(15);
        ROWS(16);
#endif
    default:
        tile_of_few(rows, vectors, is_part, t, first);
    }
}

static void run_wide(const columns *t)
{
    const size_t groups = group_count(t->m, WIDE_ROWS);

    for (size_t g = 0; g < groups; g++) {
        const size_t first = group_begin(t->m, groups, g);
        tile_of_few(group_begin(t->m, groups, g + 1) - first, WIDE_VECTORS, false, t, first);
    }
}

static void run_narrow(const columns *t)
{
    const size_t groups = group_count(t->m, NARROW_ROWS);

    for (size_t g = 0; g < groups; g++) {
        const size_t first = group_begin(t->m, groups, g);
        const size_t rows = group_begin(t->m, groups, g + 1) - first;
        if (t->part > 0)
            tile_of_many(rows, 1, true, t, first);
        else
            tile_of_many(rows, 1, false, t, first);
    }
}

/* The columns' sums go on from one piece of k to the next, in the same order as in one go. */
static void run_depth(columns t, void run_piece(const columns *piece))
{
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
        run_depth(t, run_narrow);
    }
}

/* --- NT --- */

/* Of two vectors a and b one: slot i has a[i] + a[i + h] where bit h of i is clear, b[i - h] + b[i]
 * where it is set. With h = VECTOR / 2, VECTOR / 4 ... 1 all slots of each vector come together. */
#define FROM(i, h, flip) (((i) & (h)) != 0 ? VECTOR + ((i) ^ (flip)) : ((i) ^ (flip)))
#define FROM4(i, h, flip)                                                                          \
    FROM(i, h, flip), FROM((i) + 1, h, flip), FROM((i) + 2, h, flip), FROM((i) + 3, h, flip)
#if defined(__AVX512F__)
#define FROM_ALL(h, flip)                                                                          \
    FROM4(0, h, flip), FROM4(4, h, flip), FROM4(8, h, flip), FROM4(12, h, flip)
#elif defined(__AVX2__)
#define FROM_ALL(h, flip) FROM4(0, h, flip), FROM4(4, h, flip)
#else
#define FROM_ALL(h, flip) FROM4(0, h, flip)
#endif
#define ADD_HALVES(v, h)                                                                           \
    for (size_t i = 0; i < (h); i++)                                                               \
    (v)[i] = __builtin_shufflevector((v)[i], (v)[i + (h)], FROM_ALL(h, 0)) +                       \
             __builtin_shufflevector((v)[i], (v)[i + (h)], FROM_ALL(h, h))

/* Slot i of the result is the sum of the slots of v[i]. */
ALWAYS_INLINE vector add_slots(vector v[VECTOR])
{
#if defined(__AVX512F__)
    ADD_HALVES(v, 8);
#endif
#if defined(__AVX2__)
    ADD_HALVES(v, 4);
#endif
    ADD_HALVES(v, 2);
    ADD_HALVES(v, 1);
    return v[0];
}

/* Rows of A and rows of B, and where their products go. */
typedef struct {
    size_t k, lda, ldb, ldc;
    const float *a, *b;
    float *c;
    bool accumulate;
} rows_of_both;

ALWAYS_INLINE void add_products(size_t rows, size_t width, const vector *x, const vector *y,
                                vector sum[SUMS_MAX])
{
    for (size_t j = 0; j < width; j++)
        for (size_t i = 0; i < rows; i++)
            sum[i * width + j] += x[i] * y[j];
}

ALWAYS_INLINE void dot(size_t rows, size_t width, const rows_of_both *t)
{
    vector sum[SUMS_MAX] = { { 0 } }, x[DOT_ROWS], y[DOT_COLUMNS];
    float dots[SUMS_MAX];
    size_t p = 0;

    for (; p + VECTOR <= t->k; p += VECTOR) {
        for (size_t i = 0; i < rows; i++)
            x[i] = load(t->a + i * t->lda + p);
        for (size_t j = 0; j < width; j++)
            y[j] = load(t->b + j * t->ldb + p);
        add_products(rows, width, x, y, sum);
    }
    if (p < t->k) {
        for (size_t i = 0; i < rows; i++)
            x[i] = load_part(t->a + i * t->lda + p, t->k - p);
        for (size_t j = 0; j < width; j++)
            y[j] = load_part(t->b + j * t->ldb + p, t->k - p);
        add_products(rows, width, x, y, sum);
    }
    for (size_t i = 0; i < rows * width; i += VECTOR)
        store(dots + i, add_slots(sum + i));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++) {
            float *c = t->c + i * t->ldc + j;
            *c = t->accumulate ? *c + dots[i * width + j] : dots[i * width + j];
        }
}

#define COLUMNS(rows, n)                                                                           \
    case n:                                                                                        \
        dot(rows, n, t);                                                                           \
        break

ALWAYS_INLINE void dot_of_rows(size_t rows, size_t width, const rows_of_both *t)
{
    switch (width) {
        COLUMNS(rows, 1);
        COLUMNS(rows, 2);
        COLUMNS(rows, 3);
        COLUMNS(rows, 4);
#if defined(__AVX512F__)
        COLUMNS(rows, 5);
        COLUMNS(rows, 6);
#endif
    }
}

static void run_dot(size_t rows, size_t width, const rows_of_both *t)
{
    switch (rows) {
    case 1:
        dot_of_rows(1, width, t);
        break;
    case 2:
        dot_of_rows(2, width, t);
        break;
    case 3:
        dot_of_rows(3, width, t);
        break;
#if defined(__AVX512F__)
    case 4:
        dot_of_rows(4, width, t);
        break;
#endif
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
};
