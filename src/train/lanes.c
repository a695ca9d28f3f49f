#include "train/lanes.h"

#include <math.h>
#include <string.h>

#include "base/minmax.h"
#include "model/penalty.h"
#include "train/exchange.h"

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

/* Images lie anywhere in memory: those of a lane are all prefetched before the first is gathered. */
static void fetch_ahead(const uint8_t *image, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += CVY_CACHE_LINE)
        __builtin_prefetch(image + i);
}

/* The second labels of a lane's samples, where they are mixed with others (mixup, cutmix). */
typedef struct {
    cvy_targets partner; /* its label, and the weight of that */
    float share[CVY_LANE];
} lane_mix;

/* Image s of a lane as this epoch sees it, in the worker's own memory. */
static const uint8_t *augment(const cvy_epoch_run *run, size_t worker, size_t s, size_t index,
                              const uint8_t *image, const cvy_mixture *mixture)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    const size_t bytes = task->images.image_bytes;
    uint8_t *mine = stepper->augmented + worker * (CVY_LANE + 2) * bytes;
    cvy_partner partner = { .buffer = mine + (CVY_LANE + 1) * bytes };

    if (mixture != NULL) {
        partner.mixture = *mixture;
        partner.image = cvy_image_at(&task->images, mixture->partner);
    }
    cvy_augment(task->augmenter, (uint32_t)run->epoch, index, &task->form, image,
                mixture != NULL ? &partner : NULL, mine + s * bytes, mine + CVY_LANE * bytes,
                stepper->augment_work + worker * cvy_augment_work_floats(&task->form));
    return mine + s * bytes;
}

/* The weight of a label in the mean loss of its batch. */
static float label_weight(const cvy_epoch_run *run, const cvy_grain *part, uint16_t label)
{
    return class_weight(run->stepper->task, label) *
           (run->stepper->loss_scale / (float)part->batch_count);
}

/* How sample s is mixed, and what that does to its labels. */
static cvy_mixture take_mixture(const cvy_epoch_run *run, const cvy_grain *part, size_t s,
                                size_t index, cvy_targets *targets, lane_mix *mix)
{
    const cvy_task *task = run->stepper->task;
    const cvy_mixture mixture = cvy_augment_draw(task->augmenter, (uint32_t)run->epoch, index,
                                                 task->images.count, &task->form);

    mix->share[s] = mixture.share;
    mix->partner.label[s] = task->labels[mixture.partner];
    mix->partner.weight[s] = (1 - mixture.share) * label_weight(run, part, mix->partner.label[s]);
    targets->weight[s] *= mixture.share;
    return mixture;
}

/* The lane's samples: images, labels, weights in the mean, and their places in the epoch. */
static void take_samples(const cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                         size_t lane, bool is_gathered, const uint8_t *image[CVY_LANE],
                         cvy_targets *targets, lane_mix *mix, cvy_dropout_stream *dropout)
{
    const cvy_task *task = run->stepper->task;
    const size_t first = lane * CVY_LANE, count = cvy_min(part->count - first, CVY_LANE);
    const bool is_mixed = task->augmenter != NULL && cvy_augmenter_mixes(task->augmenter);

    for (size_t s = 0; s < count; s++) {
        const uint32_t position = (uint32_t)(part->first + first + s);
        const size_t index = cvy_permutation_at(&run->order, position);
        cvy_mixture mixture;
        image[s] = cvy_image_at(&task->images, index);
        fetch_ahead(image[s], task->images.image_bytes);
        targets->label[s] = task->labels[index];
        targets->weight[s] = label_weight(run, part, targets->label[s]);
        dropout->position[s] = position;
        if (is_mixed)
            mixture = take_mixture(run, part, s, index, targets, mix);
        if (task->augmenter != NULL && is_gathered)
            image[s] = augment(run, worker, s, index, image[s], is_mixed ? &mixture : NULL);
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

/* The lane's samples in the sums of the metrics, which see what Keras's model puts out. */
static void add_metrics(const cvy_stepper *stepper, const cvy_lane_pass *pass,
                        const cvy_targets *targets, size_t lane)
{
    const cvy_metrics *metrics = stepper->task->metrics;
    const size_t outputs = cvy_model_output_count(stepper->task->model);
    double *sums = stepper->lane_metrics + lane * metrics->sum_count;
    const float *y = cvy_lane_output(pass);

    if (stepper->lane_outputs != NULL) {
        float *softmax = stepper->lane_outputs + lane * outputs * CVY_LANE;
        stepper->task->compute.kernels->softmax->forward(outputs, 1, CVY_LANE, y, softmax);
        y = softmax;
    }
    memset(sums, 0, metrics->sum_count * sizeof *sums);
    cvy_metrics_add(metrics, pass->filled, y, targets, sums);
}

/* The derivative of the loss by the outputs. */
static void differentiate(const cvy_task *task, const cvy_lane_pass *pass,
                          const cvy_targets *targets, float *dz)
{
    task->loss->kind->backward(task->loss->settings, task->compute.kernels,
                               cvy_model_output_count(task->model), cvy_lane_output(pass), targets,
                               dz);
}

static void measure_loss(const cvy_task *task, const cvy_lane_pass *pass,
                         const cvy_targets *targets, float loss[CVY_LANE])
{
    task->loss->kind->forward(task->loss->settings, task->compute.kernels,
                              cvy_model_output_count(task->model), cvy_lane_output(pass), targets,
                              loss);
}

/* The loss of mixed samples is that of both labels by their shares, and so is its derivative; a sample
 * counts as right when its label of the larger share is. */
static double mix_partners(const cvy_stepper *stepper, const cvy_lane_pass *pass,
                           const lane_mix *mix, size_t lane, cvy_targets *targets,
                           const float loss[CVY_LANE])
{
    const cvy_task *task = stepper->task;
    const size_t floats = cvy_model_output_count(task->model) * CVY_LANE;
    float *dz = cvy_lane_output_gradient(pass), *more = stepper->mixed_gradients + lane * floats;
    float partner_loss[CVY_LANE];
    double sum = 0;

    measure_loss(task, pass, &mix->partner, partner_loss);
    differentiate(task, pass, &mix->partner, more);
    for (size_t i = 0; i < floats; i++)
        dz[i] += more[i];
    for (size_t s = 0; s < pass->filled; s++) {
        const double share = (double)mix->share[s];
        sum += share * (double)class_weight(task, targets->label[s]) * (double)loss[s] +
               (1 - share) * (double)class_weight(task, mix->partner.label[s]) *
                   (double)partner_loss[s];
        if (share < 0.5)
            targets->label[s] = mix->partner.label[s];
    }
    return sum;
}

/* The lane's loss, its hits, and the derivative that goes backward. */
static void score_lane(const cvy_epoch_run *run, const cvy_lane_pass *pass, cvy_targets *targets,
                       const lane_mix *mix, size_t lane)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    float loss[CVY_LANE];

    measure_loss(task, pass, targets, loss);
    differentiate(task, pass, targets, cvy_lane_output_gradient(pass));
    stepper->lane_loss[lane] = stepper->mixed_gradients != NULL
                                   ? mix_partners(stepper, pass, mix, lane, targets, loss)
                                   : weigh_loss(task, targets, pass->filled, loss);
    for (size_t s = 0; pass->penalty != NULL && s < pass->filled; s++)
        stepper->lane_loss[lane] += pass->penalty[s];
    if (stepper->lane_metrics != NULL)
        add_metrics(stepper, pass, targets, lane);
    stepper->lane_correct[lane] =
        (uint32_t)count_correct(stepper, targets, pass->filled, cvy_lane_output(pass));
}

/* A place in a buffer that some models do not need. */
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

/* --- which worker takes which lane --- */

/* The speedup of a crew: it waits for its slowest worker at every layer, and a layer has only so many
 * parts. */
static double crew_speed(size_t size)
{
    enum { USEFUL = 8 };
    return size > 1 ? 0.8 * (double)cvy_min(size, USEFUL) : 1;
}

cvy_lane_shares cvy_share_lanes(size_t lanes, size_t workers)
{
    const size_t rest = lanes % workers;
    cvy_lane_shares best = { .alone = lanes };
    double best_time = 1; /* of a lane and one worker: a round in which some workers are idle */

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
    size_t arena_worker;  /* in whose arena the lane is */
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
                     .purpose = CVY_RANDOM_DROPOUT },
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
    lane_mix mix = { 0 };
    cvy_lane_pass pass = begin_pass(run, part, worker, lane, mine);

    mine->phase = CVY_PHASE_DATA;
    take_samples(run, part, worker, lane, stage == plan->stages, image, &targets, &mix,
                 &pass.dropout);
    if (stage == plan->stages)
        cvy_lane_gather(&pass, image);
    if (stage == plan->stages && pass.penalty != NULL && mine->share.index == 0)
        memset(pass.penalty, 0, CVY_LANE * sizeof *pass.penalty);
    end_phase(mine, CVY_PHASE_FORWARD);
    cvy_lane_forward(&pass, stage);
    if (stage->has_loss && mine->share.index == 0)
        score_lane(run, &pass, &targets, &mix, lane);
    end_phase(mine, CVY_PHASE_BACKWARD);
    cvy_lane_backward(&pass, stage);
    if (cvy_guard_is_on(&stepper->guard)) {
        if (mine->share.count > 1)
            meet_crew(mine); /* a share looks at what others wrote */
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
    const float *y = (const float *)(const void *)(pass->arena + plan->places[layer].y);
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
    lane_mix mix;
    place alone = { .share = { 0, 1 }, .clock = clock_of(run, 0) };
    cvy_lane_pass pass = begin_pass(run, part, 0, lane, &alone);

    take_samples(run, part, 0, lane, true, image, &targets, &mix, &pass.dropout);
    cvy_lane_gather(&pass, image);
    for (size_t i = 0; i < plan->layer_count; i++) {
        /* a layer that feeds the next one writes that one's output */
        const size_t last = cvy_feeds_next(plan, i) ? i + 1 : i;
        const cvy_stage step = { .forward_begin = i, .forward_end = last + 1 };
        cvy_lane_forward(&pass, &step);
        if (!is_output_finite(&pass, last))
            return i;
        i = last;
    }
    return CVY_NO_LAYER;
}

/* The lanes that crews share: the part of one worker. A crew uses the arena of its first worker, which may
 * still be in use when the others arrive. */
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

enum { SUMS_PER_PIECE = 32 };

/* A total beyond 1e30 may overflow a gradient that is made of it. */
static double look_at(const cvy_epoch_run *run, const cvy_grain *part, double total)
{
    if (!(fabs(total) <= 1e30))
        atomic_store_explicit(&run->stepper->guard.wild, part->call + 1, memory_order_relaxed);
    return total;
}

/* Adds what the stage's lanes measured; workers take pieces of the sums. */
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

/* The pieces after the lanes compute the penalty of the weights, which nobody changes meanwhile. */
static void run_stage(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                      const cvy_stage *stage)
{
    const cvy_stepper *stepper = run->stepper;
    const bool has_penalty = stage == stepper->plan.stages && stepper->tile_penalty != NULL;
    const cvy_lane_shares shares =
        cvy_share_lanes(part->own_end - part->own_begin, run->team->size);
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
        if (run->stepper->ranks.comm != NULL)
            cvy_ranks_exchange(run, part, worker, &plan->stages[i]);
        if (plan->stages[i].measured != CVY_NO_LAYER)
            add_measured(run, part, worker, &plan->stages[i]);
    }
}
