/* The folder of one run's checkpoints: "checkpoint-000000001234.safetensors" after update 1,234,
 * and "best.safetensors". It is locked against a second run. */
#ifndef CVY_CHECKPOINTS_CHECKPOINT_FOLDER_H
#define CVY_CHECKPOINTS_CHECKPOINT_FOLDER_H

#include <stddef.h>

#include "base/error.h"

typedef struct {
    char *path;
    int lock; /* file descriptor */
} cvy_checkpoint_folder;

/** Create the folder and its parents if they are missing, lock it, and remove temporary files of
 *  killed runs. Closed with cvy_checkpoint_folder_close(), also after a failure. Returns
 *  CVY_ERR_OPEN (also if another process has locked it), CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_folder_open(const char *path, cvy_checkpoint_folder *folder);
void cvy_checkpoint_folder_close(cvy_checkpoint_folder *folder);

/** List the updates that have checkpoints, newest first. The caller frees *steps with
 *  cvy_memory_free(). Returns CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_folder_list(const cvy_checkpoint_folder *folder, size_t **steps,
                                      size_t *count);

/** Paths in the folder, freed by the caller with cvy_memory_free(). Return CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_path(const cvy_checkpoint_folder *folder, size_t step, char **path);
cvy_status cvy_checkpoint_best_path(const cvy_checkpoint_folder *folder, char **path);

/** Of the checkpoints up to update `step`, remove all but the newest `keep`. Best effort. */
void cvy_checkpoint_folder_prune(const cvy_checkpoint_folder *folder, size_t step, size_t keep);

#endif
