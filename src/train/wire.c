#include "train/wire.h"

#include <math.h>
#include <string.h>

/* The bits of a float, whose upper half is the bf16. */
static uint32_t bits_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float value_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

void cvy_wire_round(size_t count, float *values)
{
    const uint32_t upper = 0xffff0000U, quiet = 0x00400000U;

    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = bits_of(values[i]);
        const uint32_t nearest = (bits + 0x7fffU + (bits >> 16 & 1)) & upper;
        values[i] = value_of(isnan(values[i]) ? (bits | quiet) & upper : nearest);
    }
}

void cvy_wire_pack(size_t count, const float *values, uint16_t *wire)
{
    for (size_t i = 0; i < count; i++)
        wire[i] = (uint16_t)(bits_of(values[i]) >> 16);
}

void cvy_wire_unpack(size_t count, const uint16_t *wire, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = value_of((uint32_t)wire[i] << 16);
}

static void round_lane(const cvy_stepper *stepper, size_t lane)
{
    const cvy_plan *plan = &stepper->plan;
    const size_t store = plan->store_rows * CVY_LANE;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_place *place = &plan->places[i];
        if (place->gradient_stride > 0)
            cvy_wire_round(place->gradient_stride,
                           stepper->lane_gradients +
                               cvy_lane_gradient_at(place, stepper->lanes_per_grain, lane));
    }
    if (stepper->store != NULL)
        cvy_wire_round(store, stepper->store + lane * store);
}

void cvy_wire_round_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker)
{
    const size_t own = part->own_end - part->own_begin;

    for (size_t i; (i = cvy_team_take(run->team, worker, own)) < own;)
        round_lane(run->stepper, part->own_begin + i);
    cvy_worker_clock_mark(cvy_clocks_worker(&run->stepper->clocks, worker), CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
}
