/* The runs of a study, kept in files from one call to the next. */
#ifndef CVY_STUDY_RUN_STORE_H
#define CVY_STUDY_RUN_STORE_H

#include "base/json.h"
#include "convoy/model.h"
#include "study/study.h"

/* Where a study keeps its runs. */
typedef struct {
    const char *folder;
    const cvy_study *study;
    json_t *common;               /* settings that all runs share, with digests of model and data */
    size_t kept;                  /* runs that were read */
    size_t outdated;              /* runs that were there, but done with other settings */
    char changed[CVY_NAME_BYTES]; /* one of the settings that differed */
} cvy_run_store;

/**
 * Whether the folder is new, empty, or one that a study has written. Looks only.
 * Returns CVY_ERR_SETTING for a folder that holds something else, or what is not a folder.
 */
cvy_status cvy_run_store_check(const char *folder);

/** Make the folder, if need be, and mark it as one that a study has written. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_run_store_mark(const char *folder, const char *command);

/** Mark the folder, and make room for runs. Returns likewise. */
cvy_status cvy_run_store_open(const char *folder, const cvy_study *study, const cvy_model *model,
                              cvy_run_store *store);

/** Take over what was kept of a run, if it was done with the same settings; else it goes on waiting.
 *  Returns CVY_ERR_MEMORY; a file that cannot be read is as good as none. */
cvy_status cvy_run_store_read(cvy_run_store *store, cvy_study_run *run);

/** Keep a run. From any thread. */
cvy_status cvy_run_store_write(const cvy_run_store *store, const cvy_study_run *run);

void cvy_run_store_close(cvy_run_store *store);

#endif
