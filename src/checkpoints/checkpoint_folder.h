/* The folder of one run's checkpoints: "checkpoint-000000001234.safetensors" after update 1,234, and
 * "best.safetensors". A lock on it keeps a second run out. */
#ifndef CVY_CHECKPOINTS_CHECKPOINT_FOLDER_H
#define CVY_CHECKPOINTS_CHECKPOINT_FOLDER_H

#include <stddef.h>

#include "base/error.h"

typedef struct {
    char *path;
    int lock; /* file descriptor */
} cvy_checkpoint_folder;

/** Make the folder if it is missing, its parents included, lock it, and remove temporary files of killed
 *  runs. Closed with cvy_checkpoint_folder_close(), also after a failure. Returns CVY_ERR_OPEN (also when
 *  another process has it), CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_folder_open(const char *path, cvy_checkpoint_folder *folder);
void cvy_checkpoint_folder_close(cvy_checkpoint_folder *folder);

/** The updates after which there are checkpoints, newest first. The caller frees *steps with
 *  cvy_memory_free(). Returns CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_folder_list(const cvy_checkpoint_folder *folder, size_t **steps,
                                      size_t *count);

/** Paths in it, freed by the caller with cvy_memory_free(). Return CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_path(const cvy_checkpoint_folder *folder, size_t step, char **path);
cvy_status cvy_checkpoint_best_path(const cvy_checkpoint_folder *folder, char **path);

/** Remove all but the newest `keep` checkpoints of those after at most `step` updates. Best effort. */
void cvy_checkpoint_folder_prune(const cvy_checkpoint_folder *folder, size_t step, size_t keep);

#endif
