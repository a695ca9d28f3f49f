/* Folders: made, and locked against other processes. */
#ifndef CVY_BASE_FOLDER_H
#define CVY_BASE_FOLDER_H

#include <stdbool.h>

#include "base/error.h"

/** Make a folder. One that is there is fine. Returns CVY_ERR_OPEN. */
cvy_status cvy_folder_make(const char *path);

/** The same, and whether it was made now. */
cvy_status cvy_folder_make_new(const char *path, bool *is_new);

/** Make a folder and, where they are missing, those above it. One that is there is fine. Returns
 *  CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_folder_make_all(const char *path);

/**
 * Lock a folder that exists, without leaving anything in it, until cvy_folder_unlock() or the end of the process.
 * Where the file system cannot lock, nothing is locked.
 * work  what another process may be doing there: "writing its checkpoints"
 * lock  -1 after a failure
 * Returns CVY_ERR_OPEN: there is no such folder, or another process has it.
 */
cvy_status cvy_folder_lock(const char *path, const char *work, int *lock);
void cvy_folder_unlock(int lock);

#endif
