/* The sentence about a run that diverged. */
#ifndef CVY_TRAIN_DIVERGED_H
#define CVY_TRAIN_DIVERGED_H

#include "train/lanes.h"

/** CVY_ERR_DIVERGED: what is not finite, at which update, and what to do about it. Between two jobs, after the
 *  guard has found a fault: a lane may be computed again to find the layer that it comes from. */
cvy_status cvy_run_fail_diverged(cvy_epoch_run *run);

#endif
