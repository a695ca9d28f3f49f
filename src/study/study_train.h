/* Do the runs of a study, several at a time. */
#ifndef CVY_STUDY_STUDY_TRAIN_H
#define CVY_STUDY_STUDY_TRAIN_H

#include "study/run_store.h"

/* The progress of a study. */
typedef struct {
    const cvy_study *study;
    const char *workload; /* name of the workload if there are several, else NULL */
    size_t runs_done, run_count;
    size_t steps_total;       /* updates of this call */
    double share;             /* share of them done, 0 .. 1 */
    double seconds;           /* since the call began */
    const cvy_study_run *run; /* the run of this report */
    bool is_run_end;          /* the run has just ended */
} cvy_study_progress;

/** Called by one thread at a time; return false to stop. */
typedef bool cvy_study_function(void *context, const cvy_study_progress *progress);

/**
 * Do all runs missing in the store, jobs at a time, trials first; then choose the best tuned
 * values, and set the targets.
 * Returns CVY_OK, CVY_ERR_STOPPED, or the error of a failed run.
 */
cvy_status cvy_study_train(cvy_study *study, const cvy_dataset *data, cvy_run_store *store,
                           cvy_study_function *function, void *context);

#endif
