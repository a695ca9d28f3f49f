/* The first half of a step: the lanes of a batch go through the stages.
 *
 * Workers take lanes, one each. The lanes that are left when there are too few for all workers go to
 * crews, which share the work of each layer of a lane; the bits of a share do not depend on who computes
 * it. */
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
    cvy_grain faulty; /* where the guard found a fault; likewise */
} cvy_epoch_run;

/* How lanes are shared out: the first `alone` to a worker each, the others, `crews` at a time, to
 * `crew_size` workers each. */
typedef struct {
    size_t alone, crews, crew_size;
} cvy_lane_shares;

/** The choice with which the slowest worker finishes first. */
cvy_lane_shares cvy_share_lanes(size_t lanes, size_t workers);

/** The part of one worker; when it returns, the results of all lanes are there. */
void cvy_run_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker);

/**
 * The first layer whose output for a lane is not finite, CVY_NO_LAYER if there is none: who runs a lane of
 * the last batch again, alone, between two jobs, can say where its loss comes from.
 */
size_t cvy_run_find_fault(cvy_epoch_run *run, const cvy_grain *part, size_t lane);

/** Wait for all workers; the time counts as waiting. */
void cvy_run_meet(cvy_epoch_run *run, size_t worker);

#endif
