/* Keras's constraints, applied after each update. With the norm n of the weights along `axis`:
 *     max_norm      w min(n, max) / (n + e)
 *     min_max_norm  w (rate clip(n, min, max) + (1 - rate) n) / (n + e)
 *     unit_norm     w / (n + e)
 *     non_neg       max(w, 0)
 * with e = 1e-7. Source: Keras 3, keras/src/constraints/constraints.py. */
#include "layers/constraint.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define NUMBER(member, text, help)                                                                 \
    {                                                                                              \
#member, CVY_FLOAT, offsetof(cvy_constraint, member), text, 0, HUGE_VAL, help,             \
            CVY_BELOW_MAX, NULL                                                                    \
    }
#define AXIS                                                                                       \
    {                                                                                              \
        "axis", CVY_FLOAT_LIST, offsetof(cvy_constraint, axis), "0", -4, 3,                        \
            "axes along which the norm is taken", 0, NULL                                          \
    }

static const cvy_setting none_rows[] = { { 0 } };
static const cvy_setting max_norm_rows[] = { NUMBER(max_value, "2", "the largest norm"),
                                             AXIS,
                                             { 0 } };
static const cvy_setting min_max_norm_rows[] = {
    NUMBER(min_value, "0", "the smallest norm"),
    NUMBER(max_value, "1", "the largest norm"),
    { "rate", CVY_FLOAT, offsetof(cvy_constraint, rate), "1", 0, 1,
      "fraction of the way to the nearest limit", 0, NULL },
    AXIS,
    { 0 },
};
static const cvy_setting unit_norm_rows[] = { AXIS, { 0 } };

static const cvy_kind none_kind = { "none", "no constraint", none_rows, sizeof(cvy_constraint) };
static const cvy_kind max_norm_kind = { "max_norm", "norms up to a limit", max_norm_rows,
                                        sizeof(cvy_constraint) };
static const cvy_kind min_max_norm_kind = { "min_max_norm", "norms between two limits",
                                            min_max_norm_rows, sizeof(cvy_constraint) };
static const cvy_kind non_neg_kind = { "non_neg", "no negative weights", none_rows,
                                       sizeof(cvy_constraint) };
static const cvy_kind unit_norm_kind = { "unit_norm", "norms of 1", unit_norm_rows,
                                         sizeof(cvy_constraint) };

/* in the order of cvy_bond */
const cvy_kind *const cvy_constraint_kinds[] = { &none_kind,    &max_norm_kind,  &min_max_norm_kind,
                                                 &non_neg_kind, &unit_norm_kind, NULL };

static cvy_status check_axes(const cvy_constraint *constraint, size_t rank)
{
    for (size_t i = 0; i < constraint->axis.count; i++) {
        const double axis = constraint->axis.values[i];
        if (axis != floor(axis) || axis >= (double)rank || axis < -(double)rank)
            return cvy_fail(CVY_ERR_SETTING,
                            "axis: found %g, expected a whole number below %zu, the number of the "
                            "weights' dimensions",
                            axis, rank);
    }
    return CVY_OK;
}

cvy_status cvy_constraint_read(const char *spec, size_t rank, cvy_constraint *constraint)
{
    const cvy_kind *kind;
    cvy_constraint *settings;
    cvy_status status = cvy_spec_read("constraint", spec, cvy_constraint_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    *constraint = *settings;
    cvy_memory_free(settings);
    while (cvy_constraint_kinds[constraint->bond] != kind)
        constraint->bond++;
    status = check_axes(constraint, rank);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "constraint %s", kind->name);
}

/* A tensor as rows of its last dim. Outer dims are either summed by the norm or kept. */
enum { RANK_MAX = 4, BLOCK = 64 };
typedef struct {
    size_t rank, dims[RANK_MAX];
    bool is_summed[RANK_MAX]; /* the norm runs over it */
} extent;

static extent extent_of(const cvy_constraint *constraint, size_t rank, const size_t *dims)
{
    extent e = { .rank = rank };

    memcpy(e.dims, dims, rank * sizeof *dims);
    for (size_t i = 0; i < constraint->axis.count; i++) {
        const double axis = constraint->axis.values[i];
        e.is_summed[(size_t)(axis < 0 ? axis + (double)rank : axis)] = true;
    }
    return e;
}

/* The number of index combinations in the outer dims that are summed (or kept). */
static size_t count_places(const extent *e, bool is_summed)
{
    size_t count = 1;
    for (size_t d = 0; d + 1 < e->rank; d++)
        count *= e->is_summed[d] == is_summed ? e->dims[d] : 1;
    return count;
}

/* The row of the tensor for one combination of kept and one of summed indices. */
static size_t row_at(const extent *e, size_t kept, size_t summed)
{
    size_t row = 0, stride = 1;

    for (size_t d = e->rank - 1; d-- > 0;) {
        size_t *index = e->is_summed[d] ? &summed : &kept;
        row += *index % e->dims[d] * stride;
        *index /= e->dims[d];
        stride *= e->dims[d];
    }
    return row;
}

static float factor_of(const cvy_constraint *c, double squares)
{
    const double norm = sqrt(squares), epsilon = 1e-7;

    switch (c->bond) {
    case CVY_MAX_NORM:
        return (float)(fmin(norm, c->max_value) / (epsilon + norm));
    case CVY_MIN_MAX_NORM:
        return (
            float)((c->rate * fmin(fmax(norm, c->min_value), c->max_value) + (1 - c->rate) * norm) /
                   (epsilon + norm));
    default:
        return (float)(1 / (epsilon + norm));
    }
}

/* Scale `count` columns, each by its own norm, or the whole row by one norm. */
static void scale_block(const cvy_constraint *c, const extent *e, size_t kept, size_t first,
                        size_t count, float *w)
{
    const size_t last = e->dims[e->rank - 1], summed = count_places(e, true);
    const bool has_one = e->is_summed[e->rank - 1];
    double squares[BLOCK] = { 0 };
    float factor[BLOCK];

    for (size_t i = 0; i < summed; i++) {
        const float *row = w + row_at(e, kept, i) * last + first;
        for (size_t j = 0; j < count; j++)
            squares[has_one ? 0 : j] += (double)row[j] * (double)row[j];
    }
    for (size_t j = 0; j < (has_one ? 1 : count); j++)
        factor[j] = factor_of(c, squares[j]);
    for (size_t i = 0; i < summed; i++) {
        float *row = w + row_at(e, kept, i) * last + first;
        for (size_t j = 0; j < count; j++)
            row[j] *= factor[has_one ? 0 : j];
    }
}

void cvy_constraint_apply(const cvy_constraint *constraint, size_t rank, const size_t *dims,
                          float *w)
{
    const extent e = extent_of(constraint, rank, dims);
    const size_t last = dims[rank - 1], kept = count_places(&e, false);
    const size_t block = e.is_summed[rank - 1] || last < BLOCK ? last : BLOCK;

    if (constraint->bond == CVY_FREE)
        return;
    if (constraint->bond == CVY_NON_NEGATIVE) {
        for (size_t i = 0; i < count_places(&e, true) * kept * last; i++)
            w[i] = w[i] < 0 ? 0 : w[i];
        return;
    }
    for (size_t k = 0; k < kept; k++)
        for (size_t first = 0; first < last; first += block)
            scale_block(constraint, &e, k, first, last - first < block ? last - first : block, w);
}
