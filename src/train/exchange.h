/* The exchange between ranks in a step (train/exchange_state.h). */
#ifndef CVY_TRAIN_EXCHANGE_H
#define CVY_TRAIN_EXCHANGE_H

#include "train/lanes.h"

/** Allocate what exchanges need, once the stepper has its plan. comm: NULL for one process.
 *  Released with cvy_ranks_release(), also after a failure. Returns CVY_ERR_MEMORY. */
cvy_status cvy_ranks_create(cvy_stepper *stepper, cvy_comm *comm);
void cvy_ranks_release(cvy_ranks *ranks);

/** Give every rank the results of all lanes of the grain. Called by all workers in a job, after
 *  they have met at the end of a stage; they meet again before it returns. */
void cvy_ranks_exchange(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                        const cvy_stage *stage);

/** The tiles whose gradients this process computes after the lanes of a grain have been exchanged. */
cvy_range cvy_ranks_own_tiles(const cvy_stepper *stepper);

/** Whether the ranks must exchange gradients as well before the update. */
static inline bool cvy_ranks_exchange_gradients(const cvy_ranks *ranks)
{
    return ranks->is_fast || ranks->is_divided;
}

/** Give all ranks the gradients of all tiles, after the last grain of a batch, if
 *  cvy_ranks_exchange_gradients(). Called by one worker while the others wait. */
void cvy_ranks_complete_gradients(cvy_epoch_run *run, const cvy_grain *part);

#endif
