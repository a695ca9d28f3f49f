/* One training of a study, and the state shared by concurrent trainings. */
#ifndef CVY_STUDY_STUDY_RUN_H
#define CVY_STUDY_STUDY_RUN_H

#include <stdatomic.h>

#include "machine/load.h"
#include "study/inside.h"
#include "study/study_train.h"

/* State shared by all jobs. */
typedef struct {
    cvy_study *study;
    const cvy_dataset *data;
    cvy_run_store *store;
    cvy_study_function *function;
    void *context;
    double start;
    size_t steps_total;       /* updates of all runs of this call */
    atomic_size_t steps_done; /* updates done so far */
    size_t *order;            /* [run_count] order of the runs */
    atomic_size_t next_run, runs_done;
    atomic_bool is_stopping;
    atomic_flag is_telling;
    cvy_status status; /* the first failure and its message; written while is_telling is held */
    char sentence[CVY_ERROR_BYTES];
} cvy_workshop;

/**
 * Do a run, store it, and report it. A stopped run returns to waiting; a failure is noted in the
 * workshop and stops all jobs. The load is measured since `mark`, which is renewed when the load is
 * known: runs of milliseconds share one measurement, stored with the last of them.
 */
void cvy_study_do_run(cvy_workshop *shop, cvy_study_run *run, cvy_load_mark *mark);

/** Return the training settings of a configuration with one of its seeds. The caller sets
 *  functions, context and evaluations within an epoch. Texts are valid as long as the study. */
cvy_train_settings cvy_study_settings_of(const cvy_study *study, size_t configuration,
                                         uint64_t seed);

#endif
