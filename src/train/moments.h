/* The reports of a running training to its caller: progress, results of epochs and evaluations, and
 * the moments at which the caller may change the run. */
#ifndef CVY_TRAIN_MOMENTS_H
#define CVY_TRAIN_MOMENTS_H

#include "train/training.h"

/** The progress of the run. `running`: the sums of the current epoch. */
cvy_progress cvy_training_progress(const cvy_training *t, const cvy_running *running);

/** Whether to continue training. One process continues if `is_wanted`. A rank always continues for
 *  now, since ranks stop together: it announces a wish to stop in its next exchange. */
bool cvy_training_goes_on(cvy_training *t, bool is_wanted);

/** A cvy_step_function that reports at most ten times a second. Returns false to stop the workers
 *  after this step, because the caller asks for it or, with t->is_pausing, to save a checkpoint. */
bool cvy_training_report_step(void *context, const cvy_running *running);

/** Write the result of epoch `index` so far to the history. */
void cvy_training_describe_epoch(cvy_training *t, size_t index, const cvy_running *running,
                                 double seconds);

/** The result that an evaluation reports: mean loss and accuracy since the previous evaluation. */
cvy_epoch cvy_training_since_evaluation(cvy_training *t, const cvy_epoch *epoch,
                                        const cvy_running *running);

/** Show a moment to one of the caller's functions and apply its changes. Returns CVY_ERR_SETTING
 *  for an invalid learning rate. */
cvy_status cvy_training_show(cvy_training *t, void (*function)(void *, cvy_moment *),
                             const cvy_progress *progress, const cvy_epoch *epoch);
cvy_status cvy_training_show_step(cvy_training *t, const cvy_running *running);

/** Report a finished epoch. */
void cvy_training_report_epoch(cvy_training *t, const cvy_epoch *epoch, cvy_progress *progress);

#endif
