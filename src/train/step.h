/* The training step: workers take lanes, depth first, then tiles of the weights.
 *
 *     for each lane of the batch:   gather, forward, loss, backward         in parallel
 *     barrier
 *     for each tile of the weights: sum or form the gradient, update        in parallel
 *     (--fast-reduce: sum all | barrier | MPI sums over the ranks | barrier | update all)
 *     barrier
 *     if the update needs a norm or a whole variable: the rest of it        in parallel, barrier
 *
 * With fewer lanes than workers, crews of workers share each layer of a lane (train/lanes.h).
 *
 * No bit depends on which worker does what: the arithmetic of a lane has fixed shapes, tiles are
 * cut by outputs, and sums over lanes follow a tree over lane numbers. To bound memory, a batch of
 * more than CVY_GRAIN_LANES lanes is processed in grains of that many, whose gradients are added in
 * order.
 *
 * A layer that needs the whole batch cuts the first phase into stages (model/plan.h), each followed
 * by two barriers: lanes | barrier | add their sums | barrier. Then each lane of the batch has its
 * own arena, and the batch is one grain, however large. */
#ifndef CVY_TRAIN_STEP_H
#define CVY_TRAIN_STEP_H

#include "augmentations/augmentation.h"
#include "base/team.h"
#include "losses/loss.h"
#include "metrics/metric.h"
#include "model/plan.h"
#include "schedules/schedule.h"
#include "train/clocks.h"
#include "train/guard.h"
#include "train/infer.h"
#include "train/exchange_state.h"
#include "train/pace.h"
#include "train/update.h"

enum { CVY_GRAIN_LANES = 64 };

/* The task of a training run: data, model and settings. Fixed while steps run. */
typedef struct {
    const cvy_model *model; /* its weights change */
    cvy_compute compute;
    const cvy_loss *loss;
    const cvy_metrics *metrics; /* NULL: none */
    const float *class_weights; /* [labels] factor of a sample's loss and gradient; NULL: all 1 */
    const cvy_optimizer_kind *optimizer;
    const void *optimizer_settings;
    const cvy_schedule *schedule;
    cvy_image_run images;
    const uint16_t *labels; /* [images.count] */
    size_t batch_size;      /* 1 .. images.count */
    size_t threads;         /* upper bound of the team's size */
    cvy_train_times *times; /* NULL: not wanted */
    double *step_seconds;   /* [step_room] with times: becomes times->step_seconds */
    size_t step_room;
    uint64_t seed;
    const cvy_augmenter *augmenter; /* NULL: no augmentation */
    cvy_image_form form;            /* of an image, for the augmenter */
    cvy_on_nan on_nan;
    cvy_comm *comm; /* NULL: this process alone */
    cvy_wire wire;
    bool fast_reduce;
    bool keeps_gradients; /* somebody reads the gradients after a step */
} cvy_task;

/* Running sums of an epoch. */
typedef struct {
    size_t steps, samples, correct;
    double loss; /* sum over the samples, each including the weights' penalty */
} cvy_running;

typedef struct {
    const cvy_task *task;
    cvy_plan plan;
    size_t lanes_per_grain;
    float loss_scale;      /* factor of all gradients, undone by the update */
    bool has_lane_arenas;  /* one arena per lane, not per worker */
    char *arenas;          /* [threads or lanes_per_grain][plan.arena_stride] */
    char *scratches;       /* [threads][plan.scratch_stride] */
    cvy_barrier *crews;    /* [threads]: one for each crew */
    double *lane_sums;     /* [lanes_per_grain][plan.lane_sums] */
    double *totals;        /* [plan.totals] */
    float *lane_gradients; /* plan.lane_gradient_floats for each of lanes_per_grain */
    float *store;          /* [lanes_per_grain][plan.store_rows][LANE] */
    /* As the parameter block. Where a tile is updated as soon as its gradient is known, the gradient is in memory
     * of the worker's own, which stays in its cache, and the block is untouched. */
    float *gradients;
    float
        *tile_gradients; /* [threads][tile_stride], or NULL: all gradients are kept in the block */
    size_t tile_stride;
    cvy_variable *variables;
    cvy_tile *tiles;
    size_t variable_count, tile_count;
    cvy_updater updater;
    double *tile_penalty;    /* [tile_count] of the weights' regularizers; NULL without any */
    double *lane_loss;       /* [lanes_per_grain] summed over the lane's samples */
    uint32_t *lane_correct;  /* [lanes_per_grain] */
    uint8_t *augmented;      /* [threads][LANE + 2][image_bytes]; NULL without an augmenter */
    float *augment_work;     /* [threads][cvy_augment_work_floats()]; NULL without an augmenter */
    float *mixed_gradients;  /* [lanes_per_grain][outputs][LANE]; NULL if no samples are mixed */
    double *lane_penalty;    /* [lanes_per_grain][LANE] of activity regularizers */
    double *lane_metrics;    /* [lanes_per_grain][metrics->sum_count] */
    float *lane_outputs;     /* [lanes_per_grain][outputs][LANE] of a softmax that the loss fuses */
    double *metric_sums;     /* [metrics->sum_count] of the epoch so far */
    cvy_weight *constrained; /* [constrained_count] weights with a constraint */
    size_t constrained_count;
    size_t steps_done; /* batches since training began */
    cvy_pace pace;
    double step_began; /* cvy_clock_seconds() when worker 0 began the step */
    cvy_clocks clocks;
    cvy_guard guard;
    cvy_ranks ranks;
} cvy_stepper;

/** Returns CVY_ERR_SETTING if a layer needs the whole batch in memory and it does not fit. */
cvy_status cvy_stepper_check(const cvy_task *task);

/** Allocate all that steps need. Returns CVY_ERR_MEMORY, and what cvy_stepper_check() returns.
 *  Released with cvy_stepper_release(), also after a failure. */
cvy_status cvy_stepper_create(const cvy_task *task, cvy_stepper *stepper);

/** Begin training from the model's present weights. */
void cvy_stepper_start(cvy_stepper *stepper);

void cvy_stepper_release(cvy_stepper *stepper);

/** Called by one worker after each step's lanes. Returns false to stop after this step. */
typedef bool cvy_step_function(void *context, const cvy_running *running);

/**
 * Run one epoch, or its first step_limit steps, as a job of the team.
 * epoch    from 0; determines the order of the samples and the dropout masks
 * running  the sums, also if it stops early
 * Returns CVY_OK, CVY_ERR_STOPPED (the function returned false), CVY_ERR_DIVERGED (cvy_on_nan; the
 * weights stay as the guard found them until cvy_guard_recover()), or the status of a failed
 * exchange.
 */
cvy_status cvy_stepper_epoch(cvy_stepper *stepper, cvy_team *team, size_t epoch, size_t step_limit,
                             cvy_step_function *function, void *context, cvy_running *running);

/**
 * Continue an epoch after its first running->steps steps, to its end or for step_limit steps. An
 * epoch in parts gives the same bits as a whole one. Otherwise like cvy_stepper_epoch().
 */
cvy_status cvy_stepper_continue(cvy_stepper *stepper, cvy_team *team, size_t epoch,
                                size_t step_limit, cvy_step_function *function, void *context,
                                cvy_running *running);

/** End training: with use_ema, replace the weights by their averages. */
void cvy_stepper_finish(cvy_stepper *stepper);

/** Steps in a whole epoch. */
size_t cvy_steps_per_epoch(const cvy_task *task);

#endif
