/* The training step: workers take lanes depth first, then slices of the parameter block.
 *
 *     for each lane of the batch:   gather, forward, loss, backward         in parallel
 *     barrier
 *     for each tile of the weights: sum or form the gradient, update        in parallel
 *     (with an exchange: sum all | barrier | exchange | barrier | update all)
 *     barrier
 *     where the update needs a norm or a whole variable: the rest of it     in parallel, barrier
 *
 * Fewer lanes than workers: crews of workers share out each layer of a lane (train/lanes.h).
 *
 * No bit depends on which worker does what: the arithmetic of a lane has fixed shapes, tiles are cut by
 * outputs, and sums over lanes follow a tree over lane numbers. A batch of more than
 * CVY_GRAIN_LANES lanes goes through in grains of that many, whose gradients are added in order,
 * so that memory stays bounded.
 *
 * A layer that needs the whole batch cuts the first phase into stages (model/plan.h), each with
 * two barriers after it: lanes | barrier | their sums added | barrier. Then all lanes of the batch
 * have an arena each, and there is one grain, however large. */
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

/* What several processes do with the sums of their gradients before the update. Every worker calls it
 * once a step; all workers meet before and after. */
typedef struct {
    void (*run)(void *context, size_t worker, size_t workers, float *gradients, size_t count);
    void *context;
} cvy_exchange;

/* What is trained on, and how. Everything here is fixed while steps run. */
typedef struct {
    const cvy_model *model; /* its weights change */
    cvy_compute compute;
    const cvy_loss *loss;
    const cvy_metrics *metrics; /* NULL: none */
    const float *class_weights; /* [labels]: of a sample in loss and gradient; NULL: all 1 */
    const cvy_optimizer_kind *optimizer;
    const void *optimizer_settings;
    const cvy_schedule *schedule;
    cvy_image_run images;
    const uint16_t *labels;       /* [images.count] */
    size_t batch_size;            /* 1 .. images.count */
    size_t threads;               /* at most: of the team */
    const cvy_exchange *exchange; /* NULL: nothing is exchanged */
    cvy_train_times *times;       /* NULL: not asked for */
    double *step_seconds;         /* [step_room] with times: for times->step_seconds */
    size_t step_room;
    uint64_t seed;
    const cvy_augmenter *augmenter; /* NULL: images are taken as they are */
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
    double loss; /* summed over the samples, the weights' penalty with each */
} cvy_running;

typedef struct {
    const cvy_task *task;
    cvy_plan plan;
    size_t lanes_per_grain;
    float loss_scale;      /* of the gradients on their way back */
    bool has_lane_arenas;  /* an arena for each lane, not for each worker */
    char *arenas;          /* [threads or lanes_per_grain][plan.arena_stride] */
    char *scratches;       /* [threads][plan.scratch_stride] */
    cvy_barrier *crews;    /* [threads]: where crews of workers at one lane meet */
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
    double *tile_penalty;   /* [tile_count] of the weights' regularizers, NULL where none has one */
    double *lane_loss;      /* [lanes_per_grain] summed over the lane's samples */
    uint32_t *lane_correct; /* [lanes_per_grain] */
    uint8_t *augmented;     /* [threads][LANE + 2][image_bytes], NULL without an augmenter */
    float *augment_work;    /* [threads][cvy_augment_work_floats()], likewise */
    float *mixed_gradients; /* [lanes_per_grain][outputs][LANE], NULL where no samples are mixed */
    double *lane_penalty;   /* [lanes_per_grain][LANE] of activity regularizers */
    double *lane_metrics;   /* [lanes_per_grain][metrics->sum_count] */
    float *lane_outputs; /* [lanes_per_grain][outputs][LANE] of the softmax that the loss fuses */
    double *metric_sums; /* [metrics->sum_count] of the epoch so far */
    cvy_weight *constrained; /* [constrained_count] weights with a constraint */
    size_t constrained_count;
    size_t steps_done; /* batches since training began */
    cvy_pace pace;
    double step_began; /* of worker 0, in seconds of cvy_clock_seconds() */
    cvy_clocks clocks;
    cvy_guard guard;
    cvy_ranks ranks;
} cvy_stepper;

/** CVY_ERR_SETTING for a batch that cannot be in memory as a whole where a layer needs it to be. */
cvy_status cvy_stepper_check(const cvy_task *task);

/** Allocate all that steps need. Returns CVY_ERR_MEMORY, and what cvy_stepper_check() returns.
 *  Released with cvy_stepper_release(), also after a failure. */
cvy_status cvy_stepper_create(const cvy_task *task, cvy_stepper *stepper);

/** Training begins with the weights that the model has now. */
void cvy_stepper_start(cvy_stepper *stepper);

void cvy_stepper_release(cvy_stepper *stepper);

/** Called by one worker after each step's lanes; false: stop after this step. */
typedef bool cvy_step_function(void *context, const cvy_running *running);

/**
 * Run one epoch, or its first step_limit steps, as a job of the team.
 * epoch    from 0; it names the order of the samples and the dropout masks
 * running  the sums, also when it stops early
 * Returns CVY_OK, CVY_ERR_STOPPED (the function said so) or CVY_ERR_DIVERGED (cvy_on_nan; the weights are
 * what the guard found, until cvy_guard_recover()).
 */
cvy_status cvy_stepper_epoch(cvy_stepper *stepper, cvy_team *team, size_t epoch, size_t step_limit,
                             cvy_step_function *function, void *context, cvy_running *running);

/**
 * Continue an epoch after its first running->steps steps: to its end, or for step_limit steps. An epoch
 * in parts gives the same bits as a whole one. Otherwise as cvy_stepper_epoch().
 */
cvy_status cvy_stepper_continue(cvy_stepper *stepper, cvy_team *team, size_t epoch,
                                size_t step_limit, cvy_step_function *function, void *context,
                                cvy_running *running);

/** Training is over: with use_ema the averages of the weights take their place. */
void cvy_stepper_finish(cvy_stepper *stepper);

/** Updates in a whole epoch. */
size_t cvy_steps_per_epoch(const cvy_task *task);

#endif
