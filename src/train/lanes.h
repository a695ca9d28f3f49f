/* The first half of a step: all lanes of a batch pass through the stages.
 *
 * Each worker takes one lane at a time. When fewer lanes than workers are left, crews take them and
 * share the work of each layer; the bits of a share do not depend on
 * the worker that computes it. */
#ifndef CVY_TRAIN_LANES_H
#define CVY_TRAIN_LANES_H

#include "base/random.h"
#include "train/step.h"

/* The part of a batch whose lanes are in memory together. */
typedef struct {
    size_t first, count; /* samples, as positions in the epoch */
    size_t lane_count;
    size_t own_begin,
        own_end; /* lanes that this process runs: all, or a rank's (train/exchange_state.h) */
    size_t batch_count; /* samples of the whole batch */
    size_t call;        /* number of the batch since training began */
} cvy_grain;

/* One epoch, or a part of one, while it runs: what all workers see. */
typedef struct {
    cvy_stepper *stepper;
    cvy_team *team;
    cvy_permutation order;
    size_t epoch, first_step, step_count;
    cvy_step_function *function;
    void *context;
    cvy_running *running;
    bool is_stopped;  /* written by worker 0 */
    cvy_grain faulty; /* where the guard found a fault; written by worker 0 */
} cvy_epoch_run;

/* The division of lanes: one worker runs each of the first `alone` lanes; crews of `crew_size`
 * workers run the others, `crews` lanes at a time. */
typedef struct {
    size_t alone, crews, crew_size;
} cvy_lane_shares;

/** Choose the division whose slowest worker finishes first. */
cvy_lane_shares cvy_share_lanes(size_t lanes, size_t workers);

/** Run one worker's part of the lanes. When it returns, the results of all lanes are complete. */
void cvy_run_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker);

/**
 * Run a lane of the last batch again and return the first layer whose output is not finite, or
 * CVY_NO_LAYER. It explains a loss that is not finite. Called by one thread, between two jobs.
 */
size_t cvy_run_find_fault(cvy_epoch_run *run, const cvy_grain *part, size_t lane);

/** Wait for all workers. The time counts as CVY_PHASE_WAIT. */
void cvy_run_meet(cvy_epoch_run *run, size_t worker);

#endif
