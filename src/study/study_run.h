/* One training of a study, and what the trainings side by side share. */
#ifndef CVY_STUDY_STUDY_RUN_H
#define CVY_STUDY_STUDY_RUN_H

#include <stdatomic.h>

#include "machine/load.h"
#include "study/inside.h"
#include "study/study_train.h"

/* What all jobs share. */
typedef struct {
    cvy_study *study;
    const cvy_dataset *data;
    cvy_run_store *store;
    cvy_study_function *function;
    void *context;
    double start;
    size_t steps_total;       /* of all runs that this call has to do */
    atomic_size_t steps_done; /* likewise */
    size_t *order;            /* [run_count] in which the runs are done */
    atomic_size_t next_run, runs_done;
    atomic_bool is_stopping;
    atomic_flag is_telling;
    cvy_status status; /* the first failure, and its sentence; written while is_telling is held */
    char sentence[CVY_ERROR_BYTES];
} cvy_workshop;

/**
 * Do a run, keep it in the store, and report it. A run that is stopped goes back to waiting; a failure is noted in
 * the workshop and stops all of it. The load is measured since `mark`, which is set anew where it could be: runs of
 * milliseconds share a measurement, which the last of them keeps.
 */
void cvy_study_do_run(cvy_workshop *shop, cvy_study_run *run, cvy_load_mark *mark);

/** How a configuration of the study trains with one of its seeds; functions, context and evaluations inside an epoch
 *  are the caller's. Texts live as long as the study. */
cvy_train_settings cvy_study_settings_of(const cvy_study *study, size_t configuration,
                                         uint64_t seed);

#endif
