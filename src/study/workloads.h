/* Every model with every data set: each pair is a workload with its own study, of the same
 * configurations and seeds, and its own folder. A single pair uses the report's folder. */
#ifndef CVY_STUDY_WORKLOADS_H
#define CVY_STUDY_WORKLOADS_H

#include "study/run_store.h"
#include "study/study_plan.h"
#include "study/study_train.h"

enum { CVY_WORKLOADS_MAX = 64 };

typedef struct {
    char *name;   /* "mlp on digits" */
    char *folder; /* folder of its study */
    cvy_model *model;
    const cvy_dataset *data;
    cvy_study study;
    size_t kept, outdated; /* numbers of runs, as in cvy_run_store */
    char changed[CVY_NAME_BYTES];
} cvy_workload;

typedef struct {
    const char *folder;
    size_t model_count, data_count;
    cvy_model *models[CVY_LIST_MAX];
    cvy_dataset *data[CVY_LIST_MAX];
    size_t count; /* models x data sets */
    cvy_workload items[CVY_WORKLOADS_MAX];
    double seconds; /* duration of the last call */
} cvy_workloads;

/**
 * Read models and data, and plan a study for each pair.
 * settings  except for model and data
 * models, data  as for --model and --data; at least one each
 * folder  folder of the report, not written yet; it must outlive the workloads
 * Returns errors of opening and cvy_study_plan(), and CVY_ERR_SETTING for a duplicate. The
 * workloads must be released, also after a failure.
 */
cvy_status cvy_workloads_plan(const cvy_study_settings *settings, const cvy_text_list *models,
                              const cvy_text_list *data, const char *folder,
                              cvy_workloads *workloads);

/** Do all missing runs, one workload after another. Returns as cvy_study_train(). */
cvy_status cvy_workloads_run(cvy_workloads *workloads, cvy_study_function *function, void *context);

void cvy_workloads_release(cvy_workloads *workloads);

#endif
