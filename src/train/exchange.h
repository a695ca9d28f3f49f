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

/** With fast_reduce: sum the gradients over the ranks.
 *  Called by one worker while the others wait. */
void cvy_ranks_sum(cvy_epoch_run *run, const cvy_grain *part);

#endif
