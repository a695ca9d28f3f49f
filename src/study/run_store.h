/* The runs of a study, kept in files between calls. */
#ifndef CVY_STUDY_RUN_STORE_H
#define CVY_STUDY_RUN_STORE_H

#include "base/json.h"
#include "convoy/model.h"
#include "study/study.h"

/* The place where a study keeps its runs. */
typedef struct {
    const char *folder;
    const cvy_study *study;
    json_t *common;               /* settings shared by all runs, with digests of model and data */
    size_t kept;                  /* runs read */
    size_t outdated;              /* runs found, but made with other settings */
    char changed[CVY_NAME_BYTES]; /* one of the settings that differed */
} cvy_run_store;

/**
 * Check that the folder is new, empty, or written by a study, without changing anything.
 * Returns CVY_ERR_SETTING if it contains something else or is no folder.
 */
cvy_status cvy_run_store_check(const char *folder);

/** Create the folder if necessary and mark it as written by a study. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_run_store_mark(const char *folder, const char *command);

/** Mark the folder, and create the folder of the runs. Returns the same errors. */
cvy_status cvy_run_store_open(const char *folder, const cvy_study *study, const cvy_model *model,
                              cvy_run_store *store);

/** Load a kept run if it was made with the same settings; otherwise it remains waiting.
 *  Returns CVY_ERR_MEMORY; an unreadable file counts as missing. */
cvy_status cvy_run_store_read(cvy_run_store *store, cvy_study_run *run);

/** Store a run. Thread-safe. */
cvy_status cvy_run_store_write(const cvy_run_store *store, const cvy_study_run *run);

void cvy_run_store_close(cvy_run_store *store);

#endif
