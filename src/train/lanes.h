/* The first half of a step: the way of a batch's lanes through the stages.
 *
 * Workers take lanes, one each. What is left when there are too few for all, or too few for another
 * round, goes to crews of workers that share out each layer of a lane; what a share computes has the
 * same bits whoever computes it. */
#ifndef CVY_TRAIN_LANES_H
#define CVY_TRAIN_LANES_H

#include "base/random.h"
#include "train/step.h"

/* One epoch, or a part of one, while it runs: what all workers see. */
typedef struct {
    cvy_stepper *stepper;
    cvy_team *team;
    cvy_permutation order;
    size_t epoch, first_step, step_count;
    cvy_step_function *function;
    void *context;
    cvy_running *running;
    bool is_stopped, has_diverged; /* written by worker 0 */
} cvy_epoch_run;

/* The part of a batch that goes through together. */
typedef struct {
    size_t first, count; /* samples, as positions in the epoch */
    size_t lane_count;
    size_t batch_count; /* samples of the whole batch */
} cvy_grain;

/* How lanes are shared out: the first `alone` to a worker each, the others, `crews` at a time, to
 * `crew_size` workers each. */
typedef struct {
    size_t alone, crews, crew_size;
} cvy_lane_shares;

/** For which the slowest worker is soonest done. */
cvy_lane_shares cvy_share_lanes(size_t lanes, size_t workers);

/** One worker's part; behind it all that the lanes leave is there. */
void cvy_run_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker);

/** All workers have come; the waiting is clocked. */
void cvy_run_meet(cvy_epoch_run *run, size_t worker);

#endif
