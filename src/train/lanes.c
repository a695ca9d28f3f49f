#include "train/lanes.h"

#include <math.h>
#include <string.h>

#include "base/minmax.h"
#include "model/penalty.h"
#include "train/exchange.h"
#include "train/lane_samples.h"
#include "train/wire.h"

/* The address of an offset; NULL for a buffer that the model does not need. */
static float *place_in(float *buffer, size_t offset)
{
    return buffer != NULL ? buffer + offset : NULL;
}

static cvy_worker_clock *clock_of(const cvy_epoch_run *run, size_t worker)
{
    return cvy_clocks_worker(&run->stepper->clocks, worker);
}

void cvy_run_meet(cvy_epoch_run *run, size_t worker)
{
    cvy_team_meet(run->team, worker);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_WAIT);
}

/* --- assigning lanes to workers --- */

/* The estimated speedup of a crew. It waits for its slowest worker at every layer, and a layer has
 * few parts. */
static double crew_speed(size_t size)
{
    enum { USEFUL = 8 };
    return size > 1 ? 0.8 * (double)cvy_min(size, USEFUL) : 1;
}

cvy_lane_shares cvy_share_lanes(size_t lanes, size_t workers)
{
    const size_t rest = lanes % workers;
    cvy_lane_shares best = { .alone = lanes };
    double best_time = 1; /* one worker per lane: one round, in which some workers are idle */

    for (size_t crews = rest; crews > 0; crews--) {
        const size_t size = workers / crews, rounds = (rest + crews - 1) / crews;
        const double time = (double)rounds / crew_speed(size);
        if (time < best_time) {
            best = (cvy_lane_shares){ lanes - rest, crews, size };
            best_time = time;
        }
    }
    return best;
}

/* A worker's place at a lane: alone, or in a crew. */
typedef struct {
    cvy_share share;
    size_t arena_worker;  /* the worker whose arena holds the lane */
    cvy_barrier *barrier; /* of the crew */
    size_t team_size;
    cvy_worker_clock *clock;
    cvy_phase phase; /* that the worker is in */
} place;

static void meet_crew(void *context)
{
    place *mine = context;

    cvy_worker_clock_mark(mine->clock, mine->phase);
    cvy_barrier_meet(mine->barrier, mine->share.count, mine->team_size);
    cvy_worker_clock_mark(mine->clock, CVY_PHASE_WAIT);
}

static void end_phase(place *mine, cvy_phase next)
{
    if (mine->share.count > 1)
        meet_crew(mine);
    else
        cvy_worker_clock_mark(mine->clock, mine->phase);
    mine->phase = next;
}

/* --- a lane --- */

static cvy_lane_pass begin_pass(const cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                                size_t lane, place *mine)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_plan *plan = &stepper->plan;
    const cvy_task *task = stepper->task;

    return (cvy_lane_pass){
        .plan = plan,
        .arena = stepper->arenas +
                 (stepper->has_lane_arenas ? lane : mine->arena_worker) * plan->arena_stride,
        .scratch =
            plan->scratch_bytes > 0 ? stepper->scratches + worker * plan->scratch_stride : NULL,
        .share = mine->share,
        .meet = meet_crew,
        .meet_context = mine,
        .penalty = stepper->lane_penalty != NULL ? stepper->lane_penalty + lane * CVY_LANE : NULL,
        .penalty_scale = stepper->loss_scale / (float)part->batch_count,
        .filled = cvy_min(part->count - lane * CVY_LANE, CVY_LANE),
        .batch_samples = part->batch_count,
        .totals = stepper->totals,
        .dropout = { .key = { (uint32_t)task->seed, (uint32_t)(task->seed >> 32) },
                     .major = (uint32_t)run->epoch,
                     .purpose = CVY_RANDOM_DROPOUT,
                     .augmentations = task->augmenter != NULL ? task->augmenter->count : 0 },
        .store = place_in(stepper->store, lane * plan->store_rows * CVY_LANE),
        .gradients = stepper->lane_gradients,
        .lane = lane,
        .lane_capacity = stepper->lanes_per_grain,
    };
}

static void run_lane(const cvy_epoch_run *run, const cvy_grain *part, size_t worker, size_t lane,
                     const cvy_stage *stage, place *mine)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_plan *plan = &stepper->plan;
    const uint8_t *image[CVY_LANE] = { NULL };
    cvy_targets targets = { 0 };
    cvy_lane_mix mix = { 0 };
    cvy_lane_pass pass = begin_pass(run, part, worker, lane, mine);

    mine->phase = CVY_PHASE_DATA;
    cvy_lane_take_samples(run, part, worker, lane, stage == plan->stages, image, &targets, &mix,
                          &pass.dropout);
    if (stage == plan->stages)
        cvy_lane_gather(&pass, image);
    if (stage == plan->stages && pass.penalty != NULL && mine->share.index == 0)
        memset(pass.penalty, 0, CVY_LANE * sizeof *pass.penalty);
    end_phase(mine, CVY_PHASE_FORWARD);
    cvy_lane_forward(&pass, stage);
    if (stage->has_loss && mine->share.index == 0)
        cvy_lane_score(run, &pass, &targets, &mix, lane);
    end_phase(mine, CVY_PHASE_BACKWARD);
    cvy_lane_backward(&pass, stage);
    if (cvy_guard_is_on(&stepper->guard)) {
        if (mine->share.count > 1)
            meet_crew(mine); /* the guard reads values that other shares wrote */
        cvy_guard_lane(&stepper->guard, &pass, stage, part->call);
    }
    cvy_worker_clock_mark(mine->clock, CVY_PHASE_BACKWARD);
    if (stage->measured != CVY_NO_LAYER)
        cvy_lane_measure(&pass, stage, stepper->lane_sums + lane * plan->lane_sums);
    cvy_worker_clock_mark(mine->clock, CVY_PHASE_REDUCE);
}

/* Whether the filled elements of a layer's output are finite. */
static bool is_output_finite(const cvy_lane_pass *pass, size_t layer)
{
    const cvy_plan *plan = pass->plan;
    const float *y = cvy_lane_floats(pass, plan->places[layer].y);
    const size_t count = cvy_shape_count(plan->layers[layer].plan.out);

    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < pass->filled; s++)
            if (!isfinite(y[i * CVY_LANE + s]))
                return false;
    return true;
}

size_t cvy_run_find_fault(cvy_epoch_run *run, const cvy_grain *part, size_t lane)
{
    const cvy_plan *plan = &run->stepper->plan;
    const uint8_t *image[CVY_LANE] = { NULL };
    cvy_targets targets = { 0 };
    cvy_lane_mix mix;
    place alone = { .share = { 0, 1 }, .clock = clock_of(run, 0) };
    cvy_lane_pass pass = begin_pass(run, part, 0, lane, &alone);

    cvy_lane_take_samples(run, part, 0, lane, true, image, &targets, &mix, &pass.dropout);
    cvy_lane_gather(&pass, image);
    for (size_t i = 0; i < plan->layer_count; i++) {
        /* a layer that feeds the next one writes the next one's output */
        const size_t last = cvy_feeds_next(plan, i) ? i + 1 : i;
        const cvy_stage step = { .forward_begin = i, .forward_end = last + 1 };
        cvy_lane_forward(&pass, &step);
        if (!is_output_finite(&pass, last))
            return i;
        i = last;
    }
    return CVY_NO_LAYER;
}

/* One worker's part of the lanes that crews share. A crew uses the arena of its first worker, which
 * may still be in use when the others arrive. */
static void run_shared_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                             const cvy_stage *stage, const cvy_lane_shares *shares)
{
    const size_t crew = worker / shares->crew_size;
    place mine = { .share = { worker % shares->crew_size, shares->crew_size },
                   .arena_worker = crew * shares->crew_size,
                   .barrier = &run->stepper->crews[crew],
                   .team_size = run->team->size,
                   .clock = clock_of(run, worker),
                   .phase = CVY_PHASE_DATA };

    if (crew >= shares->crews)
        return;
    for (size_t lane = part->own_begin + shares->alone + crew; lane < part->own_end;
         lane += shares->crews) {
        end_phase(&mine, CVY_PHASE_DATA);
        run_lane(run, part, worker, lane, stage, &mine);
    }
}

/* --- the batch --- */

/* Sum `count` numbers, `stride` apart, in a binary tree over their indices. */
static double add_in_tree(size_t count, size_t stride, const double *first)
{
    size_t half = 1;

    if (count == 1)
        return *first;
    while (2 * half < count)
        half *= 2;
    return add_in_tree(half, stride, first) +
           add_in_tree(count - half, stride, first + half * stride);
}

enum { SUMS_PER_PIECE = 32 };

/* A total beyond 1e30 may make a gradient overflow, so it counts as wild. */
static double look_at(const cvy_epoch_run *run, const cvy_grain *part, double total)
{
    if (!(fabs(total) <= 1e30))
        atomic_store_explicit(&run->stepper->guard.wild, part->call + 1, memory_order_relaxed);
    return total;
}

/* Add up the sums that the stage's lanes measured; workers take pieces of them. */
static void add_measured(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                         const cvy_stage *stage)
{
    const cvy_stepper *stepper = run->stepper;
    const size_t stride = stepper->plan.lane_sums;
    size_t count;
    double *totals = stepper->totals + cvy_stage_totals(&stepper->plan, stage, &count);

    const size_t pieces = (count + SUMS_PER_PIECE - 1) / SUMS_PER_PIECE;
    for (size_t piece; (piece = cvy_team_take(run->team, worker, pieces)) < pieces;)
        for (size_t i = piece * SUMS_PER_PIECE, end = cvy_min(i + SUMS_PER_PIECE, count); i < end;
             i++)
            totals[i] =
                look_at(run, part, add_in_tree(part->lane_count, stride, stepper->lane_sums + i));
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
}

static void penalize_tile(const cvy_stepper *stepper, size_t t)
{
    const cvy_tile *tile = &stepper->tiles[t];
    const cvy_model *model = stepper->task->model;

    stepper->tile_penalty[t] = cvy_layer_penalty(&stepper->plan.layers[tile->layer], model->weights,
                                                 tile->first, tile->count);
}

/* The pieces after the lanes compute the penalty of the weights, which do not change meanwhile. */
static void run_stage(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                      const cvy_stage *stage)
{
    const cvy_stepper *stepper = run->stepper;
    const bool has_penalty = stage == stepper->plan.stages && stepper->tile_penalty != NULL;
    const size_t lanes = part->own_end - part->own_begin;
    const cvy_lane_shares shares = stepper->pace.is_alone ? (cvy_lane_shares){ .alone = lanes }
                                                          : cvy_share_lanes(lanes, run->team->size);
    const size_t pieces = shares.alone + (has_penalty ? stepper->tile_count : 0);
    place alone = { .share = { 0, 1 }, .arena_worker = worker, .clock = clock_of(run, worker) };

    for (size_t piece; (piece = cvy_team_take(run->team, worker, pieces)) < pieces;)
        if (piece < shares.alone)
            run_lane(run, part, worker, part->own_begin + piece, stage, &alone);
        else
            penalize_tile(stepper, piece - shares.alone);
    cvy_worker_clock_mark(alone.clock, CVY_PHASE_FORWARD);
    if (shares.crews > 0)
        run_shared_lanes(run, part, worker, stage, &shares);
    cvy_run_meet(run, worker);
}

void cvy_run_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker)
{
    const cvy_plan *plan = &run->stepper->plan;

    for (size_t i = 0; i < plan->stage_count; i++) {
        run_stage(run, part, worker, &plan->stages[i]);
        if (run->stepper->ranks.is_rounding && i + 1 == plan->stage_count)
            cvy_wire_round_lanes(run, part, worker);
        if (run->stepper->ranks.comm != NULL)
            cvy_ranks_exchange(run, part, worker, &plan->stages[i]);
        if (plan->stages[i].measured != CVY_NO_LAYER)
            add_measured(run, part, worker, &plan->stages[i]);
    }
}
