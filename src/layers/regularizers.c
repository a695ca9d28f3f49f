/* Keras's regularizers.
 *     penalty = l1 sum |w| + l2 sum w^2        gradient = l1 sign(w) + 2 l2 w, sign(0) = 0
 * Source: Keras 3 regularizers L1, L2, L1L2; l2 has no factor of one half. A name alone, "l1" or
 * "l2", means 0.01; "l1l2" means 0 and 0. */
#include "layers/regularizer.h"

#include <math.h>

#include "base/memory.h"

#define ROW(member, text, help)                                                                    \
    {                                                                                              \
#member, CVY_FLOAT, offsetof(cvy_regularizer, member), text, 0, HUGE_VAL, help,            \
            CVY_BELOW_MAX, NULL                                                                    \
    }

static const cvy_setting none_rows[] = { { 0 } };
static const cvy_setting l1_rows[] = { ROW(l1, "0.01", "times the absolute value"), { 0 } };
static const cvy_setting l2_rows[] = { ROW(l2, "0.01", "times the square"), { 0 } };
static const cvy_setting l1l2_rows[] = { ROW(l1, "0", "times the absolute value"),
                                         ROW(l2, "0", "times the square"),
                                         { 0 } };

static const cvy_kind none_kind = { "none", "no penalty", none_rows, sizeof(cvy_regularizer) };
static const cvy_kind l1_kind = { "l1", "absolute values", l1_rows, sizeof(cvy_regularizer) };
static const cvy_kind l2_kind = { "l2", "squares", l2_rows, sizeof(cvy_regularizer) };
static const cvy_kind l1l2_kind = { "l1l2", "both", l1l2_rows, sizeof(cvy_regularizer) };

const cvy_kind *const cvy_regularizer_kinds[] = { &none_kind, &l1_kind, &l2_kind, &l1l2_kind,
                                                  NULL };

cvy_status cvy_regularizer_read(const char *spec, cvy_regularizer *regularizer)
{
    const cvy_kind *kind;
    cvy_regularizer *settings;
    cvy_status status = cvy_spec_read("regularizer", spec, cvy_regularizer_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    *regularizer = *settings;
    cvy_memory_free(settings);
    return CVY_OK;
}

/* Partial sums, which are added in order at the end. */
enum { PARTS = 16 };
typedef struct {
    double values[PARTS], squares[PARTS];
} sums;

static inline void add_row(size_t count, const float *w, sums *to)
{
    for (size_t p = 0; p < count; p++) {
        const double weight = (double)w[p];
        to->values[p] += fabs(weight);
        to->squares[p] += weight * weight;
    }
}

double cvy_regularizer_penalty(const cvy_regularizer *regularizer, size_t n, const float *w)
{
    const size_t whole = n / PARTS * PARTS;
    double value = 0, square = 0;
    sums of = { 0 };

    for (size_t i = 0; i < whole; i += PARTS)
        add_row(PARTS, w + i, &of);
    add_row(n - whole, w + whole, &of);
    for (size_t p = 0; p < PARTS; p++) {
        value += of.values[p];
        square += of.squares[p];
    }
    return regularizer->l1 * value + regularizer->l2 * square;
}

void cvy_regularizer_gradient(const cvy_regularizer *regularizer, float scale, size_t n,
                              const float *w, float *dw)
{
    const float l1 = scale * (float)regularizer->l1,
                twice_l2 = scale * (float)(2 * regularizer->l2);

    for (size_t i = 0; i < n; i++)
        dw[i] += (w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0.0f) + twice_l2 * w[i];
}
