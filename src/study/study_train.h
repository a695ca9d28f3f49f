/* Doing the runs of a study, several at a time. */
#ifndef CVY_STUDY_STUDY_TRAIN_H
#define CVY_STUDY_STUDY_TRAIN_H

#include "study/run_store.h"

/* How a study is coming along. */
typedef struct {
    const cvy_study *study;
    const char *workload; /* its name where there are several, else NULL */
    size_t runs_done, run_count;
    size_t steps_total;       /* updates that this call has to do */
    double share;             /* of them, 0 .. 1 */
    double seconds;           /* since the call began */
    const cvy_study_run *run; /* the run that this report is about */
    bool is_run_end;          /* it has just ended */
} cvy_study_progress;

/** Called by one thread at a time; false: stop. */
typedef bool cvy_study_function(void *context, const cvy_study_progress *progress);

/**
 * Do all runs that the store does not have, jobs at a time, trials first; then choose what was tuned
 * best, and set the targets.
 * Returns CVY_OK, CVY_ERR_STOPPED, or what made a run fail.
 */
cvy_status cvy_study_train(cvy_study *study, const cvy_dataset *data, cvy_run_store *store,
                           cvy_study_function *function, void *context);

#endif
