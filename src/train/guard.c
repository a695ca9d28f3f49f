#include "train/guard.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* Bits of the absolute value of a float. Values up to TAME (1e12) cannot make a gradient overflow:
 * a product of two of them is at most 1e24, and a batch sums at most 2^31 products. */
enum { TAME = 0x5368d4a5, FINITE = 0x7f7fffff };

/* Calls between two copies of the weights; fewer at the beginning,
 * when a learning rate that is too high shows. */
enum { SNAPSHOT_EVERY = 64 };

cvy_status cvy_guard_create(cvy_guard *guard, cvy_on_nan policy, const cvy_lane_kernels *kernels,
                            size_t variable_count, size_t trained_floats, size_t block_floats)
{
    cvy_status status = CVY_OK;

    *guard = (cvy_guard){ .policy = policy,
                          .kernels = kernels,
                          .variable_count = variable_count,
                          .trained_floats = trained_floats,
                          .block_floats = block_floats };
    if (!cvy_guard_is_on(guard))
        return CVY_OK;
    status = cvy_memory_create(variable_count + 1, sizeof *guard->variables, &guard->variables);
    if (status == CVY_OK)
        status = cvy_memory_create(block_floats, sizeof *guard->good, &guard->good);
    if (status == CVY_OK)
        status =
            cvy_memory_create(block_floats - trained_floats, sizeof *guard->states, &guard->states);
    return status;
}

void cvy_guard_release(cvy_guard *guard)
{
    cvy_memory_free((void *)guard->variables);
    cvy_memory_free(guard->good);
    cvy_memory_free(guard->states);
    *guard = (cvy_guard){ .policy = CVY_ON_NAN_IGNORE };
}

static void stamp_with(_Atomic size_t *stamp, size_t call)
{
    atomic_store_explicit(stamp, call + 1, memory_order_relaxed);
}

static bool is_wild(const cvy_guard *guard, size_t count, const float *values)
{
    return guard->kernels->largest(count, values) > TAME;
}

/* Whether a crew member's share of `count` floats is wild. */
static bool is_share_wild(const cvy_guard *guard, const cvy_lane_pass *lane, size_t count,
                          const float *values)
{
    const cvy_range range = cvy_share_range(lane->share, count, CVY_LANE);
    return range.begin < range.end && is_wild(guard, range.end - range.begin, values + range.begin);
}

static bool is_layer_wild(const cvy_guard *guard, const cvy_lane_pass *lane, size_t i)
{
    const cvy_layer *layer = &lane->plan->layers[i];
    const cvy_place *place = &lane->plan->places[i];

    if (layer->is_frozen || layer->plan.gradient == CVY_GRADIENT_NONE)
        return false;
    if (layer->plan.gradient == CVY_GRADIENT_LANE)
        return is_share_wild(guard, lane, place->gradient_stride,
                             lane->gradients +
                                 cvy_lane_gradient_at(place, lane->lane_capacity, lane->lane));
    if (layer->plan.batch_sums > 0)
        return false; /* its totals are checked as gradients */
    return is_share_wild(guard, lane, cvy_shape_count(layer->in) * CVY_LANE,
                         lane->store + place->store_x * CVY_LANE) ||
           is_share_wild(guard, lane, cvy_store_row(cvy_shape_count(layer->plan.out)) * CVY_LANE,
                         lane->store + place->store_dy * CVY_LANE);
}

void cvy_guard_lane(cvy_guard *guard, const cvy_lane_pass *lane, const cvy_stage *stage,
                    size_t call)
{
    bool found = false;

    for (size_t i = stage->backward_begin; i < stage->backward_end; i++)
        found = found || (lane->plan->places[i].runs_backward && is_layer_wild(guard, lane, i));
    if (found)
        stamp_with(&guard->wild, call);
}

void cvy_guard_look(cvy_guard *guard, _Atomic size_t *stamp, size_t variable, size_t count,
                    const float *values, size_t call)
{
    if (guard->kernels->largest(count, values) <= FINITE)
        return;
    stamp_with(&guard->variables[variable], call);
    stamp_with(stamp, call);
}

size_t cvy_guard_variable(const cvy_guard *guard, size_t call)
{
    size_t v = 0;

    while (v < guard->variable_count && !cvy_guard_found(&guard->variables[v], call))
        v++;
    return v;
}

static bool is_due(const cvy_guard *guard, size_t call)
{
    return guard->good_call == CVY_NEVER ||
           (call < SNAPSHOT_EVERY ? (call & (call - 1)) == 0 : call % SNAPSHOT_EVERY == 0);
}

/* The first copy holds the weights that never change, too. */
void cvy_guard_begin(cvy_guard *guard, const float *weights, size_t call)
{
    const size_t trained = guard->trained_floats;

    if (!cvy_guard_is_on(guard))
        return;
    guard->is_due = is_due(guard, call);
    if (guard->good_call == CVY_NEVER)
        memcpy(guard->good, weights, trained * sizeof *weights);
    if (guard->is_due && guard->states != NULL)
        memcpy(guard->states, weights + trained, (guard->block_floats - trained) * sizeof *weights);
}

void cvy_guard_keep(cvy_guard *guard, const float *weights, size_t first, size_t count)
{
    if (guard->is_due)
        memcpy(guard->good + first, weights + first, count * sizeof *weights);
}

void cvy_guard_accept(cvy_guard *guard, size_t call)
{
    const size_t states = guard->block_floats - guard->trained_floats;

    if (!guard->is_due)
        return;
    if (guard->states != NULL)
        memcpy(guard->good + guard->trained_floats, guard->states, states * sizeof(float));
    guard->good_call = call + 1;
}

size_t cvy_guard_recover(const cvy_guard *guard, float *weights)
{
    if (guard->good_call == CVY_NEVER)
        return SIZE_MAX;
    memcpy(weights, guard->good, guard->block_floats * sizeof *weights);
    return guard->good_call - 1;
}
