/* What a run tells its caller while it goes on: progress, results of epochs and evaluations, and the moments at
 * which the caller may change it. */
#ifndef CVY_TRAIN_MOMENTS_H
#define CVY_TRAIN_MOMENTS_H

#include "train/training.h"

/** Where the run is: `running` are the sums of the running epoch. */
cvy_progress cvy_training_progress(const cvy_training *t, const cvy_running *running);

/** Whether training goes on though someone asked to stop it: ranks end together, so one that wants to says it in
 *  its next exchange. */
bool cvy_training_goes_on(cvy_training *t, bool is_wanted);

/** A cvy_step_function: reports at most ten times a second. False: the workers stop after this step, because
 *  the caller asks for it or, with t->is_pausing, for a checkpoint. */
bool cvy_training_report_step(void *context, const cvy_running *running);

/** The result of epoch `index` so far goes to the history. */
void cvy_training_describe_epoch(cvy_training *t, size_t index, const cvy_running *running,
                                 double seconds);

/** The result that an evaluation reports: losses and hits since the evaluation before it. */
cvy_epoch cvy_training_since_evaluation(cvy_training *t, const cvy_epoch *epoch,
                                        const cvy_running *running);

/** Show a moment to a function of the caller's and do what it asks for. Returns CVY_ERR_SETTING: a learning rate
 *  that is none. */
cvy_status cvy_training_show(cvy_training *t, void (*function)(void *, cvy_moment *),
                             const cvy_progress *progress, const cvy_epoch *epoch);
cvy_status cvy_training_show_step(cvy_training *t, const cvy_running *running);

/** Report a finished epoch. */
void cvy_training_report_epoch(cvy_training *t, const cvy_epoch *epoch, cvy_progress *progress);

#endif
