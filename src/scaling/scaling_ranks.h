/* Functions for scaling runs with several ranks. Every rank calls them in the same order; without
 * ranks (request.comm NULL) they do nothing. */
#ifndef CVY_SCALING_SCALING_RANKS_H
#define CVY_SCALING_SCALING_RANKS_H

#include "scaling/scaling.h"

static inline bool cvy_scaling_leads(const cvy_scaling *scaling)
{
    return cvy_comm_rank(scaling->request.comm) == 0;
}

/** Sum a number over the participating ranks, rank by rank, so that all get the same bits. */
cvy_status cvy_scaling_add_up(cvy_comm *comm, double *value);

/** Measure the messages of a repeat: their time in its training, and the time of messages of this
 *  size alone. Called after the training by the point's ranks. times: of this training. */
cvy_status cvy_scaling_measure_messages(cvy_scaling *scaling, cvy_scaling_point *point,
                                        size_t repeat, const cvy_train_times *times);

/** Sum the processor times `own`, in seconds, of the other ranks on rank 0's machine. The result is
 *  valid on rank 0 only. */
cvy_status cvy_scaling_neighbour_time(cvy_comm *comm, double own, double *seconds);

/** Compute medians over the repeats and the predictions of the model (cvy_scaling_messages). */
void cvy_scaling_work_out_messages(cvy_scaling *scaling, cvy_scaling_point *point);

#endif
