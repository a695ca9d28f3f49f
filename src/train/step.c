#include "train/step.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/minmax.h"
#include "train/diverged.h"
#include "train/exchange.h"
#include "train/exchange_parts.h"
#include "train/lanes.h"
#include "train/tile_gradient.h"

size_t cvy_steps_per_epoch(const cvy_task *task)
{
    return (task->images.count + task->batch_size - 1) / task->batch_size;
}

static cvy_worker_clock *clock_of(const cvy_epoch_run *run, size_t worker)
{
    return cvy_clocks_worker(&run->stepper->clocks, worker);
}

static void update_states(const cvy_stepper *stepper, const cvy_grain *part)
{
    const cvy_plan *plan = &stepper->plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        if (layer->kind->update_state == NULL)
            continue;
        const cvy_batch_totals totals =
            cvy_layer_totals(plan, i, stepper->totals, part->batch_count);
        layer->kind->update_state(layer, &totals, plan->model->weights);
    }
}

/* Check the moving statistics, since infinite ones never become finite again. */
static void look_at_states(cvy_stepper *stepper, const cvy_grain *part)
{
    const cvy_model *model = stepper->task->model;
    cvy_guard *guard = &stepper->guard;

    if (cvy_guard_is_on(guard) && stepper->has_lane_arenas)
        cvy_guard_look(guard, &guard->weight, guard->variable_count,
                       model->block_floats - model->trained_floats,
                       model->weights + model->trained_floats, part->call);
}

/* The loss of the grain, summed in the order of the lanes, plus the penalty, summed in the order of
 * the tiles, once per sample, since Keras adds it to the mean. Every worker computes the same bits
 * for itself, so all take the same decision without communicating. */
static double add_losses(const cvy_stepper *stepper, const cvy_grain *part)
{
    double sum = 0;
    for (size_t lane = 0; lane < part->lane_count; lane++)
        sum += stepper->lane_loss[lane];
    if (stepper->tile_penalty == NULL)
        return sum;
    double penalty = 0;
    for (size_t t = 0; t < stepper->tile_count; t++)
        penalty += stepper->tile_penalty[t];
    return sum + penalty * (double)part->count;
}

/* Add the metrics lane by lane. The first grain of an epoch sets the sums to 0. */
static void add_metrics(cvy_stepper *stepper, const cvy_grain *part, bool is_first)
{
    if (stepper->lane_metrics == NULL)
        return;
    const size_t count = stepper->task->metrics->sum_count;
    if (is_first)
        memset(stepper->metric_sums, 0, count * sizeof *stepper->metric_sums);
    for (size_t lane = 0; lane < part->lane_count; lane++)
        for (size_t i = 0; i < count; i++)
            stepper->metric_sums[i] += stepper->lane_metrics[lane * count + i];
}

static void keep_account(cvy_epoch_run *run, const cvy_grain *part, double loss)
{
    run->running->loss += loss;
    run->running->samples += part->count;
    for (size_t lane = 0; lane < part->lane_count; lane++)
        run->running->correct += run->stepper->lane_correct[lane];
    add_metrics(run->stepper, part, run->running->samples == part->count);
}

/* Count the step and call the step function. */
static void count_step(cvy_epoch_run *run)
{
    run->running->steps++;
    if (run->team->size > 1)
        cvy_pace_note(&run->stepper->pace, cvy_clock_seconds() - run->stepper->step_began);
    if (run->function != NULL && !run->function(run->context, run->running))
        run->is_stopped = true;
}

/* One worker's share of the second phase of the update. */
static void finish_update(cvy_epoch_run *run, size_t worker, size_t piece_count)
{
    cvy_updater *updater = &run->stepper->updater;

    cvy_updater_enter(updater, worker);
    for (size_t i; (i = cvy_team_take(run->team, worker, piece_count)) < piece_count;)
        cvy_updater_take_piece(updater, worker, i);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_UPDATE);
    cvy_run_meet(run, worker);
}

/* Apply the weights' constraints, after all other parts of Keras's update. */
static void constrain(cvy_epoch_run *run, size_t worker)
{
    const cvy_stepper *stepper = run->stepper;
    const size_t count = stepper->constrained_count;

    for (size_t i; (i = cvy_team_take(run->team, worker, count)) < count;) {
        const cvy_weight *weight = &stepper->constrained[i];
        cvy_constraint_apply(&weight->plan->bond, weight->plan->rank, weight->plan->dims,
                             stepper->task->model->weights + weight->offset);
    }
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_UPDATE);
    cvy_run_meet(run, worker);
}

/* Update one tile, whose gradient is complete. */
static void update_tile(cvy_epoch_run *run, size_t worker, size_t tile, float *gradient)
{
    cvy_stepper *stepper = run->stepper;

    if (stepper->tile_penalty != NULL)
        cvy_tile_gradient_add_penalty(stepper, &stepper->tiles[tile], gradient);
    cvy_updater_take_tile(&stepper->updater, tile, gradient);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_UPDATE);
}

static void sum_tile(cvy_epoch_run *run, const cvy_grain *part, size_t worker, size_t tile,
                     bool accumulate, float *gradient)
{
    cvy_tile_gradient_form(run->stepper, &run->stepper->tiles[tile], part, accumulate, gradient);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_REDUCE);
}

/* Check that the complete gradient of one tile is finite. */
static void look_at_gradient(cvy_stepper *stepper, const cvy_grain *part, size_t t)
{
    const cvy_tile *tile = &stepper->tiles[t];
    cvy_guard *guard = &stepper->guard;

    cvy_guard_look(guard, &guard->gradient, tile->variable, tile->count,
                   stepper->gradients + tile->first, part->call);
}

/* Complete the gradients over the ranks. Sums that the ranks divide are those of one process, so they
 * are checked only if a lane was wild; with fast_reduce always. */
static void exchange_gradients(cvy_epoch_run *run, const cvy_grain *part, size_t worker)
{
    cvy_stepper *stepper = run->stepper;
    const bool is_wild =
        stepper->ranks.is_fast || cvy_guard_found(&stepper->guard.wild, part->call);

    if (worker == 0)
        cvy_ranks_complete_gradients(run, part);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    if (!cvy_guard_is_on(&stepper->guard) || !is_wild)
        return;
    for (size_t t;
         (t = cvy_team_take(run->team, worker, stepper->tile_count)) < stepper->tile_count;)
        look_at_gradient(stepper, part, t);
    cvy_run_meet(run, worker);
}

/* Where a tile's gradient is summed: in its place among all, or, if it is used up at once, in the worker's memory. */
static float *gradient_of(const cvy_stepper *stepper, size_t worker, size_t tile, bool is_kept)
{
    return is_kept || stepper->tile_gradients == NULL
               ? stepper->gradients + stepper->tiles[tile].first
               : stepper->tile_gradients + worker * stepper->tile_stride;
}

/* The loss of the weights that this changes is finite: now and then they are copied. */
static void update_good_tile(cvy_epoch_run *run, size_t worker, size_t t, float *gradient)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_tile *tile = &stepper->tiles[t];

    cvy_guard_keep(&stepper->guard, stepper->task->model->weights, tile->first, tile->count);
    update_tile(run, worker, t, gradient);
}

/* Sum the gradients, exchange them, update: three phases, with a barrier before and after the
 * exchange. Without an exchange or a wild value, each tile is summed and updated at once, while it
 * is in the cache. A grain that is not the batch's last is only summed. Returns false if a gradient
 * is not finite; no weight has changed. */
static bool reduce_and_update(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                              bool is_first, bool is_last)
{
    cvy_stepper *stepper = run->stepper;
    const size_t count = stepper->tile_count;
    const cvy_range own = cvy_ranks_own_tiles(stepper);
    const size_t own_count = own.end - own.begin;
    const bool is_exchanged = cvy_ranks_exchange_gradients(&stepper->ranks);
    const bool is_wild = cvy_guard_found(&stepper->guard.wild, part->call);

    for (size_t i; (i = cvy_team_take(run->team, worker, own_count)) < own_count;) {
        const size_t t = own.begin + i;
        float *gradient = gradient_of(stepper, worker, t, is_exchanged || is_wild);
        sum_tile(run, part, worker, t, !is_first, gradient);
        if (is_last && !is_exchanged && !is_wild)
            update_good_tile(run, worker, t, gradient);
        else if (is_last && !is_exchanged)
            look_at_gradient(stepper, part, t);
    }
    if (!is_last || (!is_exchanged && !is_wild))
        return true;
    cvy_run_meet(run, worker);
    if (is_exchanged)
        exchange_gradients(run, part, worker);
    if (cvy_guard_found(&stepper->guard.gradient, part->call))
        return false;
    for (size_t t; (t = cvy_team_take(run->team, worker, count)) < count;)
        update_good_tile(run, worker, t, gradient_of(stepper, worker, t, true));
    return true;
}

/* Finish the update after all tiles: the second phase and the constraints. */
static void complete_update(cvy_epoch_run *run, size_t worker, bool is_last)
{
    cvy_stepper *stepper = run->stepper;
    /* read before the workers meet: after that worker 0 may already begin the next call */
    const size_t piece_count = is_last ? stepper->updater.piece_count : 0;

    cvy_run_meet(run, worker);
    if (piece_count > 0)
        finish_update(run, worker, piece_count);
    if (is_last && stepper->constrained_count > 0)
        constrain(run, worker);
}

/* One worker's share of a grain. A fault prevents the update, except if the update itself made a
 * weight infinite. All workers return the same. */
static cvy_fault run_grain(cvy_epoch_run *run, const cvy_grain *part, size_t worker, bool is_first,
                           bool is_last)
{
    cvy_stepper *stepper = run->stepper;
    cvy_guard *guard = &stepper->guard;

    cvy_run_lanes(run, part, worker);
    const double loss = add_losses(stepper, part);
    if (!isfinite(loss) && cvy_guard_is_on(guard))
        return CVY_FAULT_LOSS;
    if (worker == 0) {
        update_states(stepper, part);
        look_at_states(stepper, part);
        keep_account(run, part, loss);
    }
    if (!reduce_and_update(run, part, worker, is_first, is_last))
        return CVY_FAULT_GRADIENT;
    if (worker == 0 && is_last) {
        cvy_guard_accept(guard, part->call);
        count_step(run);
    }
    complete_update(run, worker, is_last);
    return cvy_guard_found(&guard->weight, part->call) ? CVY_FAULT_WEIGHT : CVY_FAULT_NONE;
}

/* Skip a batch while gradients are accumulated:
 * it adds nothing, and a due update uses the other batches. */
static void update_without(cvy_epoch_run *run, size_t worker)
{
    cvy_stepper *stepper = run->stepper;
    const size_t count = stepper->tile_count;

    if (stepper->updater.sums == NULL || !stepper->updater.is_update)
        return;
    for (size_t t; (t = cvy_team_take(run->team, worker, count)) < count;) {
        const cvy_tile *tile = &stepper->tiles[t];
        memset(stepper->gradients + tile->first, 0, tile->count * sizeof(float));
        update_tile(run, worker, t, stepper->gradients + tile->first);
    }
    complete_update(run, worker, true);
}

/* Handle a fault. Return false to end the run. */
static bool go_on(cvy_epoch_run *run, const cvy_grain *part, size_t worker, cvy_fault fault)
{
    cvy_guard *guard = &run->stepper->guard;
    const bool is_skipped = guard->policy == CVY_ON_NAN_SKIP &&
                            (fault != CVY_FAULT_WEIGHT || guard->good_call != CVY_NEVER);

    if (!is_skipped) {
        if (worker == 0) {
            guard->fault = fault;
            run->faulty = *part;
        }
        return false;
    }
    if (fault != CVY_FAULT_WEIGHT)
        update_without(run, worker);
    if (worker == 0) {
        guard->skipped++;
        if (fault == CVY_FAULT_WEIGHT)
            cvy_guard_recover(guard, run->stepper->task->model->weights);
        else
            count_step(run);
    }
    cvy_run_meet(run, worker);
    return true;
}

/* Run a batch, grain by grain. Return false to end the run. */
static bool run_step(cvy_epoch_run *run, size_t worker, size_t first, size_t batch, size_t call)
{
    const size_t grain_samples = run->stepper->lanes_per_grain * CVY_LANE;
    const cvy_comm *comm = run->stepper->ranks.comm;

    if (worker == 0 && run->team->size > 1)
        run->stepper->step_began = cvy_clock_seconds();
    for (size_t done = 0; done < batch; done += grain_samples) {
        cvy_grain part = { .first = first + done,
                           .count = cvy_min(batch - done, grain_samples),
                           .batch_count = batch,
                           .call = call };
        part.lane_count = cvy_lanes_of(part.count);
        part.own_begin = cvy_comm_begin(comm, cvy_comm_rank(comm), part.lane_count);
        part.own_end = cvy_comm_begin(comm, cvy_comm_rank(comm) + 1, part.lane_count);
        if (comm != NULL && worker == 0) /* the others read it after the lanes */
            cvy_exchange_plan(run->stepper, batch, part.lane_count);
        const cvy_fault fault =
            run_grain(run, &part, worker, done == 0, done + part.count == batch);
        if (fault != CVY_FAULT_NONE)
            return go_on(run, &part, worker, fault);
    }
    return true;
}

static void run_worker(cvy_epoch_run *run, size_t worker)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;

    for (size_t step = 0; step < run->step_count && !run->is_stopped; step++) {
        const size_t first = (run->first_step + step) * task->batch_size;
        const size_t batch = cvy_min(task->images.count - first, task->batch_size);
        const size_t call = stepper->steps_done + step;
        if (worker == 0) { /* the others read it only after the barrier that follows the lanes */
            cvy_updater_begin(&stepper->updater, call, cvy_schedule_rate(task->schedule, call));
            cvy_guard_begin(&stepper->guard, task->model->weights, call);
        }
        cvy_clocks_begin_step(&run->stepper->clocks, worker, call, batch);
        if (!run_step(run, worker, first, batch, call))
            return;
    }
}

void cvy_stepper_finish(cvy_stepper *stepper)
{
    cvy_updater_finish(&stepper->updater);
}

static void run_job(void *context, cvy_team *team, size_t worker)
{
    cvy_epoch_run *run = context;
    cvy_stepper *stepper = run->stepper;
    const unsigned long entered = cvy_compute_enter_worker(&stepper->task->compute);

    (void)team; /* the run knows it */
    cvy_clocks_enter(&stepper->clocks, worker);
    run_worker(run, worker);
    cvy_clocks_leave(&stepper->clocks, worker);
    cvy_compute_leave_worker(entered);
}

cvy_status cvy_stepper_epoch(cvy_stepper *stepper, cvy_team *team, size_t epoch, size_t step_limit,
                             cvy_step_function *function, void *context, cvy_running *running)
{
    *running = (cvy_running){ 0 };
    return cvy_stepper_continue(stepper, team, epoch, step_limit, function, context, running);
}

cvy_status cvy_stepper_continue(cvy_stepper *stepper, cvy_team *team, size_t epoch,
                                size_t step_limit, cvy_step_function *function, void *context,
                                cvy_running *running)
{
    const size_t first_step = running->steps;
    const cvy_task *task = stepper->task;
    const cvy_random_stream stream = { task->seed, CVY_RANDOM_SHUFFLE, (uint32_t)epoch };
    cvy_epoch_run run = {
        .stepper = stepper,
        .team = team,
        .order = cvy_permutation_create(&stream, (uint32_t)task->images.count),
        .epoch = epoch,
        .first_step = first_step,
        .step_count = cvy_min(step_limit, cvy_steps_per_epoch(task) - first_step),
        .function = function,
        .context = context,
        .running = running,
    };

    assert(team->size <= task->threads);
    cvy_team_do(team, run_job, &run);
    stepper->steps_done += running->steps - first_step;
    cvy_clocks_finish(&stepper->clocks, team->size, stepper->steps_done);
    if (stepper->ranks.status != CVY_OK)
        return cvy_fail_again(stepper->ranks.status, stepper->ranks.sentence);
    if (stepper->guard.fault != CVY_FAULT_NONE)
        return cvy_run_fail_diverged(&run);
    return run.is_stopped ? CVY_ERR_STOPPED : CVY_OK;
}
