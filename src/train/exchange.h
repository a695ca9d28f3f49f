/* What ranks give each other in a step (train/exchange_state.h). */
#ifndef CVY_TRAIN_EXCHANGE_H
#define CVY_TRAIN_EXCHANGE_H

#include "train/lanes.h"

/** Allocate what exchanges need, once the stepper has its plan. comm: NULL is one process. Released with
 *  cvy_ranks_release(), also after a failure. Returns CVY_ERR_MEMORY. */
cvy_status cvy_ranks_create(cvy_stepper *stepper, cvy_comm *comm);
void cvy_ranks_release(cvy_ranks *ranks);

/** In a job, by all workers, after they have met at the end of a stage; they have met again when it returns.
 *  Afterwards every rank has the results of all lanes of the grain. */
void cvy_ranks_exchange(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                        const cvy_stage *stage);

/** With fast_reduce, by one worker while the others wait: the gradients become their sums over the ranks. */
void cvy_ranks_sum(cvy_epoch_run *run, const cvy_grain *part);

#endif
