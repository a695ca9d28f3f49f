/* Creates folders and locks them against other processes. */
#ifndef CVY_BASE_FOLDER_H
#define CVY_BASE_FOLDER_H

#include <dirent.h>
#include <stdbool.h>

#include "base/error.h"

/** Create a folder; it may exist already. Returns CVY_ERR_OPEN. */
cvy_status cvy_folder_make(const char *path);

/** Create a folder, and set *is_new if it did not exist. */
cvy_status cvy_folder_make_new(const char *path, bool *is_new);

/** The order of names for scandir(): by their bytes. That of alphasort() is the calling program's locale's. */
int cvy_folder_order(const struct dirent **a, const struct dirent **b);

/** Check, without a trace, that files can be created in a folder; if it does not exist, that it can be
 *  made with its missing parents. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_folder_probe(const char *path);

/** Create a folder and its missing parents; it may exist already. Returns CVY_ERR_OPEN,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_folder_make_all(const char *path);

/**
 * Lock an existing folder, without leaving anything in it, until cvy_folder_unlock() or the end of
 * the process. If the file system has no locks, nothing is locked.
 * work  what another process may be doing there: "writing its checkpoints"
 * lock  -1 after a failure
 * Returns CVY_ERR_OPEN if there is no such folder, or another process has locked it.
 */
cvy_status cvy_folder_lock(const char *path, const char *work, int *lock);
void cvy_folder_unlock(int lock);

#endif
