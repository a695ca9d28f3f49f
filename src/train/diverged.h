/* The error message of a run that diverged. */
#ifndef CVY_TRAIN_DIVERGED_H
#define CVY_TRAIN_DIVERGED_H

#include "train/lanes.h"

/** Returns CVY_ERR_DIVERGED and sets the message: what is not finite, at which update, and what to
 *  do about it. Called between two jobs, after the guard found a fault; may run a lane again to
 *  find the layer at fault. */
cvy_status cvy_run_fail_diverged(cvy_epoch_run *run);

#endif
