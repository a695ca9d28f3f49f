#include "train/step.h"

#include <assert.h>
#include <math.h>
#include <omp.h>

#include "base/team.h"
#include "base/topology.h"
#include "model/penalty.h"

/* One epoch while it runs: what all workers see. */
typedef struct {
    cvy_stepper *stepper;
    cvy_permutation order;
    size_t epoch, first_step, step_count;
    cvy_step_function *function;
    void *context;
    cvy_running *running;
    bool is_stopped, has_diverged; /* written by worker 0 */
    cvy_team team;
} epoch_run;

/* The part of a batch that goes through together. */
typedef struct {
    size_t first, count; /* samples, as positions in the epoch */
    size_t lane_count;
    size_t batch_count; /* samples of the whole batch */
} grain;

size_t cvy_steps_per_epoch(const cvy_task *task)
{
    return (task->images.count + task->batch_size - 1) / task->batch_size;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static float class_weight(const cvy_task *task, uint16_t label)
{
    return task->class_weights != NULL ? task->class_weights[label] : 1;
}

static size_t count_correct(const cvy_stepper *stepper, const cvy_targets *targets, size_t count,
                            const float *outputs)
{
    const size_t output_count = cvy_model_output_count(stepper->task->model);
    uint16_t best[CVY_LANE];
    size_t correct = 0;

    stepper->task->compute.kernels->softmax->argmax(output_count, outputs, best);
    for (size_t s = 0; s < count; s++)
        correct += best[s] == targets->label[s];
    return correct;
}

/* The lane's samples: images, labels, weights in the mean, and their places in the epoch. */
static void take_samples(const epoch_run *run, const grain *part, size_t lane,
                         const uint8_t *image[CVY_LANE], cvy_targets *targets,
                         cvy_dropout_stream *dropout)
{
    const cvy_task *task = run->stepper->task;
    const size_t first = lane * CVY_LANE, count = smaller(part->count - first, CVY_LANE);

    for (size_t s = 0; s < count; s++) {
        const uint32_t position = (uint32_t)(part->first + first + s);
        const size_t index = cvy_permutation_at(&run->order, position);
        image[s] = task->images.pixels + index * task->images.image_bytes;
        targets->label[s] = task->labels[index];
        targets->weight[s] = class_weight(task, targets->label[s]) *
                             (run->stepper->loss_scale / (float)part->batch_count);
        dropout->position[s] = position;
    }
}

/* As Keras has it: each sample's loss times its weight; the mean is over the number of samples,
 * whatever they weigh. */
static double weigh_loss(const cvy_task *task, const cvy_targets *targets, size_t count,
                         const float loss[CVY_LANE])
{
    double sum = 0;

    for (size_t s = 0; s < count; s++)
        sum += (double)class_weight(task, targets->label[s]) * (double)loss[s];
    return sum;
}

/* The lane's loss, its hits, and the derivative that goes backward. */
static void score_lane(const epoch_run *run, const cvy_lane_pass *pass, const cvy_targets *targets,
                       size_t lane)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    const size_t output_count = cvy_model_output_count(task->model);
    float loss[CVY_LANE];

    task->loss->kind->forward(task->loss->settings, task->compute.kernels, output_count,
                              cvy_lane_output(pass), targets, loss);
    task->loss->kind->backward(task->loss->settings, task->compute.kernels, output_count,
                               cvy_lane_output(pass), targets, cvy_lane_output_gradient(pass));
    stepper->lane_loss[lane] = weigh_loss(task, targets, pass->filled, loss);
    stepper->lane_correct[lane] =
        (uint32_t)count_correct(stepper, targets, pass->filled, cvy_lane_output(pass));
}

/* A place in a buffer that a model may do without. */
static float *place_in(float *buffer, size_t offset)
{
    return buffer != NULL ? buffer + offset : NULL;
}

static cvy_worker_clock *clock_of(const epoch_run *run, size_t worker)
{
    return cvy_clocks_worker(&run->stepper->clocks, worker);
}

static void run_lane(const epoch_run *run, const grain *part, size_t worker, size_t lane,
                     const cvy_stage *stage)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_plan *plan = &stepper->plan;
    const cvy_task *task = stepper->task;
    cvy_worker_clock *clock = clock_of(run, worker);
    const uint8_t *image[CVY_LANE] = { NULL };
    cvy_targets targets = { 0 };
    cvy_lane_pass pass = {
        .plan = plan,
        .arena = stepper->arenas + (stepper->has_lane_arenas ? lane : worker) * plan->arena_bytes,
        .scratch =
            plan->scratch_bytes > 0 ? stepper->scratches + worker * plan->scratch_bytes : NULL,
        .filled = smaller(part->count - lane * CVY_LANE, CVY_LANE),
        .batch_samples = part->batch_count,
        .totals = stepper->totals,
        .dropout = { .key = { (uint32_t)task->seed, (uint32_t)(task->seed >> 32) },
                     .major = (uint32_t)run->epoch,
                     .purpose = CVY_RANDOM_DROPOUT },
        .store = place_in(stepper->store, lane * CVY_LANE),
        .store_stride = part->lane_count * CVY_LANE,
    };

    take_samples(run, part, lane, image, &targets, &pass.dropout);
    if (stage == plan->stages)
        cvy_lane_gather(&pass, image);
    cvy_worker_clock_mark(clock, CVY_PHASE_DATA);
    cvy_lane_forward(&pass, stage);
    if (stage->has_loss)
        score_lane(run, &pass, &targets, lane);
    cvy_worker_clock_mark(clock, CVY_PHASE_FORWARD);
    cvy_lane_backward(&pass, stage,
                      place_in(stepper->lane_gradients, lane * plan->lane_gradient_floats));
    cvy_worker_clock_mark(clock, CVY_PHASE_BACKWARD);
    if (stage->measured != CVY_NO_LAYER)
        cvy_lane_measure(&pass, stage, stepper->lane_sums + lane * plan->lane_sums);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
}

/* count numbers, `stride` apart, in a binary tree over their numbers. */
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

static void meet(epoch_run *run, size_t worker)
{
    cvy_team_meet(&run->team);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_WAIT);
}

enum { SUMS_PER_PIECE = 32 };

/* Adds what the stage's lanes measured; workers take pieces of the sums. */
static void add_measured(epoch_run *run, const grain *part, size_t worker, const cvy_stage *stage)
{
    const cvy_stepper *stepper = run->stepper;
    const size_t stride = stepper->plan.lane_sums;
    size_t count;
    double *totals = stepper->totals + cvy_stage_totals(&stepper->plan, stage, &count);

    for (size_t i; (i = cvy_team_take(&run->team) * SUMS_PER_PIECE) < count;)
        for (size_t end = smaller(i + SUMS_PER_PIECE, count); i < end; i++)
            totals[i] = add_in_tree(part->lane_count, stride, stepper->lane_sums + i);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_REDUCE);
    meet(run, worker);
}

static void penalize_tile(const cvy_stepper *stepper, size_t t)
{
    const cvy_tile *tile = &stepper->tiles[t];
    const cvy_model *model = stepper->task->model;

    stepper->tile_penalty[t] =
        cvy_layer_penalty(&model->layers[tile->layer], model->weights, tile->first, tile->count);
}

/* One worker's share of all lanes' way; behind it everything that they leave is there. The penalty
 * of the weights, which stand still meanwhile, comes as further pieces behind the lanes. */
static void run_lanes(epoch_run *run, const grain *part, size_t worker)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_plan *plan = &stepper->plan;

    for (size_t i = 0; i < plan->stage_count; i++) {
        const cvy_stage *stage = &plan->stages[i];
        const size_t tiles = i == 0 && stepper->tile_penalty != NULL ? stepper->tile_count : 0;
        for (size_t piece; (piece = cvy_team_take(&run->team)) < part->lane_count + tiles;)
            if (piece < part->lane_count)
                run_lane(run, part, worker, piece, stage);
            else
                penalize_tile(stepper, piece - part->lane_count);
        cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_FORWARD);
        meet(run, worker);
        if (stage->measured != CVY_NO_LAYER)
            add_measured(run, part, worker, stage);
    }
}

static void update_states(const cvy_stepper *stepper, const grain *part)
{
    const cvy_plan *plan = &stepper->plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->model->layers[i];
        if (layer->kind->update_state == NULL)
            continue;
        const cvy_batch_totals totals =
            cvy_layer_totals(plan, i, stepper->totals, part->batch_count);
        layer->kind->update_state(layer, &totals, plan->model->weights);
    }
}

static void form_gradient(const cvy_stepper *stepper, const cvy_tile *tile, const grain *part,
                          bool accumulate)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_layer *layer = &plan->model->layers[tile->layer];
    const cvy_place *place = &plan->places[tile->layer];
    float *gradient = stepper->gradients + tile->first;

    if (layer->plan.gradient == CVY_GRADIENT_LANE) {
        plan->compute.kernels->lane->tree_sum(
            tile->count, part->lane_count, plan->lane_gradient_floats,
            stepper->lane_gradients + tile->lane_offset, accumulate, gradient);
        return;
    }
    const size_t stride = part->lane_count * CVY_LANE;
    const cvy_batch_store store = {
        .x = place_in(stepper->store, place->store_x * stride),
        .dy = place_in(stepper->store, place->store_dy * stride),
        .stride = stride,
        .totals = cvy_layer_totals(plan, tile->layer, stepper->totals, part->batch_count),
    };
    layer->kind->weight_gradient(layer, &plan->compute, tile->weight, &store, tile->first_row,
                                 tile->row_count, accumulate, gradient);
}

static void add_penalty(const cvy_stepper *stepper, const cvy_tile *tile)
{
    const cvy_model *model = stepper->task->model;
    cvy_layer_penalty_gradient(&model->layers[tile->layer], model->weights, stepper->loss_scale,
                               tile->first, tile->count, stepper->gradients + tile->first);
}

/* The grain's loss, added in the order of the lanes, and the penalty, in the order of the tiles, as
 * often as there are samples: in Keras it is added to their mean. Each worker adds for itself: all come to the
 * same bits, and so to the same decision, without asking each other. */
static double add_losses(const cvy_stepper *stepper, const grain *part)
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

static void keep_account(epoch_run *run, const grain *part, double loss, bool is_last)
{
    run->running->loss += loss;
    run->running->samples += part->count;
    for (size_t lane = 0; lane < part->lane_count; lane++)
        run->running->correct += run->stepper->lane_correct[lane];
    if (!is_last)
        return;
    run->running->steps++;
    if (run->function != NULL && !run->function(run->context, run->running))
        run->is_stopped = true;
}

/* One worker's share of what is left to do when all gradients are known. */
static void finish_update(epoch_run *run, size_t worker, size_t piece_count)
{
    cvy_updater *updater = &run->stepper->updater;

    cvy_updater_enter(updater, worker);
    for (size_t i; (i = cvy_team_take(&run->team)) < piece_count;)
        cvy_updater_take_piece(updater, worker, i);
    cvy_worker_clock_mark(clock_of(run, worker), CVY_PHASE_UPDATE);
    meet(run, worker);
}

/* One worker's share of a grain; false when the loss is not finite, and then nothing is updated. */
static bool run_grain(epoch_run *run, const grain *part, size_t worker, bool is_first, bool is_last)
{
    cvy_stepper *stepper = run->stepper;
    cvy_worker_clock *clock = clock_of(run, worker);

    run_lanes(run, part, worker);
    const double loss = add_losses(stepper, part);
    if (!isfinite(loss))
        return false;
    if (worker == 0) {
        update_states(stepper, part);
        keep_account(run, part, loss, is_last);
    }
    for (size_t t; (t = cvy_team_take(&run->team)) < stepper->tile_count;) {
        form_gradient(stepper, &stepper->tiles[t], part, !is_first);
        cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
        if (is_last && stepper->tile_penalty != NULL)
            add_penalty(stepper, &stepper->tiles[t]);
        if (is_last)
            cvy_updater_take_tile(&stepper->updater, t);
        cvy_worker_clock_mark(clock, CVY_PHASE_UPDATE);
    }
    /* looked at before they meet: behind that worker 0 may already begin the next call */
    const size_t piece_count = is_last ? stepper->updater.piece_count : 0;
    meet(run, worker);
    if (piece_count > 0)
        finish_update(run, worker, piece_count);
    return true;
}

static void run_worker(epoch_run *run, size_t worker)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    const size_t grain_samples = stepper->lanes_per_grain * CVY_LANE;

    for (size_t step = 0; step < run->step_count && !run->is_stopped; step++) {
        const size_t first = (run->first_step + step) * task->batch_size;
        const size_t batch = smaller(task->images.count - first, task->batch_size);
        const size_t call = stepper->steps_done + step;
        if (worker == 0) /* nobody looks before the lanes are done and all have met */
            cvy_updater_begin(&stepper->updater, call, cvy_schedule_rate(task->schedule, call));
        cvy_clocks_begin_step(&run->stepper->clocks, worker, call, batch);
        for (size_t done = 0; done < batch; done += grain_samples) {
            grain part = { .first = first + done,
                           .count = smaller(batch - done, grain_samples),
                           .batch_count = batch };
            part.lane_count = (part.count + CVY_LANE - 1) / CVY_LANE;
            if (!run_grain(run, &part, worker, done == 0, done + part.count == batch)) {
                if (worker == 0)
                    run->has_diverged = true;
                return;
            }
        }
    }
}

void cvy_stepper_finish(cvy_stepper *stepper)
{
    cvy_updater_finish(&stepper->updater);
}

cvy_status cvy_stepper_epoch(cvy_stepper *stepper, size_t epoch, size_t step_limit,
                             cvy_step_function *function, void *context, cvy_running *running)
{
    *running = (cvy_running){ 0 };
    return cvy_stepper_continue(stepper, epoch, step_limit, function, context, running);
}

cvy_status cvy_stepper_continue(cvy_stepper *stepper, size_t epoch, size_t step_limit,
                                cvy_step_function *function, void *context, cvy_running *running)
{
    const size_t first_step = running->steps;
    const cvy_task *task = stepper->task;
    const cvy_random_stream stream = { task->seed, CVY_RANDOM_SHUFFLE, (uint32_t)epoch };
    epoch_run run = {
        .stepper = stepper,
        .order = cvy_permutation_create(&stream, (uint32_t)task->images.count),
        .epoch = epoch,
        .first_step = first_step,
        .step_count = smaller(step_limit, cvy_steps_per_epoch(task) - first_step),
        .function = function,
        .context = context,
        .running = running,
    };

#pragma omp parallel num_threads((int)task->threads)
    {
#pragma omp single
        cvy_team_init(&run.team, (size_t)omp_get_num_threads());
        const size_t worker = (size_t)omp_get_thread_num();
        cvy_cpu_mask before;
        cvy_topology_bind(task->bind, worker, &before);
        const unsigned long entered = cvy_compute_enter_worker(&task->compute);
        cvy_clocks_enter(&stepper->clocks, worker);
        run_worker(&run, worker);
        cvy_clocks_leave(&stepper->clocks, worker);
        cvy_compute_leave_worker(entered);
        cvy_topology_unbind(task->bind, &before);
    }
    stepper->steps_done += running->steps - first_step;
    cvy_clocks_finish(&stepper->clocks, run.team.size, stepper->steps_done);
    if (run.has_diverged)
        return cvy_fail(CVY_ERR_DIVERGED,
                        "the loss is not a finite number at update %zu (epoch %zu); a smaller "
                        "learning rate may help",
                        stepper->steps_done + 1, epoch + 1);
    return run.is_stopped ? CVY_ERR_STOPPED : CVY_OK;
}
