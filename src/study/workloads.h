/* Every model with every data set: each such pair is a workload, and has a study of its own, of the
 * same configurations and seeds, in a folder of its own. With one pair that is the report's folder. */
#ifndef CVY_STUDY_WORKLOADS_H
#define CVY_STUDY_WORKLOADS_H

#include "study/run_store.h"
#include "study/study_plan.h"
#include "study/study_train.h"

enum { CVY_WORKLOADS_MAX = 64 };

typedef struct {
    char *name;   /* "mlp on digits" */
    char *folder; /* its own */
    cvy_model *model;
    const cvy_dataset *data;
    cvy_study study;
    size_t kept, outdated; /* runs: as in cvy_run_store */
    char changed[CVY_NAME_BYTES];
} cvy_workload;

typedef struct {
    const char *folder;
    size_t model_count, data_count;
    cvy_model *models[CVY_LIST_MAX];
    cvy_dataset *data[CVY_LIST_MAX];
    size_t count; /* models times data sets */
    cvy_workload items[CVY_WORKLOADS_MAX];
    double seconds; /* the last call took */
} cvy_workloads;

/**
 * Read models and data, and plan a study for each pair.
 * settings  but for model and data
 * models, data  as --model and --data take them; at least one each
 * folder  of the report; nothing is written yet; it must outlive the workloads
 * Returns what opening and cvy_study_plan() do, and CVY_ERR_SETTING for one given twice. To be
 * released in any case.
 */
cvy_status cvy_workloads_plan(const cvy_study_settings *settings, const cvy_text_list *models,
                              const cvy_text_list *data, const char *folder,
                              cvy_workloads *workloads);

/** Do all runs that are not kept, one workload after the other. As cvy_study_train(). */
cvy_status cvy_workloads_run(cvy_workloads *workloads, cvy_study_function *function, void *context);

void cvy_workloads_release(cvy_workloads *workloads);

#endif
