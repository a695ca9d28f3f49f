/* What several ranks need while a scaling run is measured. All of it is called by every rank in the same order;
 * without ranks (request.comm NULL) it does nothing. */
#ifndef CVY_SCALING_SCALING_RANKS_H
#define CVY_SCALING_SCALING_RANKS_H

#include "scaling/scaling.h"

static inline bool cvy_scaling_leads(const cvy_scaling *scaling)
{
    return cvy_comm_rank(scaling->request.comm) == 0;
}

/** The sum of a number over the ranks that take part; rank by rank, so that all get the same bits. */
cvy_status cvy_scaling_add_up(cvy_comm *comm, double *value);

/** After the training of a repeat, by the ranks of the point: what its messages took, and what messages of that
 *  size take alone. times: of this training. */
cvy_status cvy_scaling_measure_messages(cvy_scaling *scaling, cvy_scaling_point *point,
                                        size_t repeat, const cvy_train_times *times);

/** Processor time in seconds that ranks other than rank 0 have taken on its machine, of their own times `own`. On
 *  rank 0; on the others it is unspecified. */
cvy_status cvy_scaling_neighbour_time(cvy_comm *comm, double own, double *seconds);

/** Medians over the repeats, and what the model says (cvy_scaling_messages). */
void cvy_scaling_work_out_messages(cvy_scaling *scaling, cvy_scaling_point *point);

#endif
