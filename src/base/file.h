/* Reads whole files and compares paths. base/output.h writes files. */
#ifndef CVY_BASE_FILE_H
#define CVY_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/**
 * Read a whole regular file. The caller frees *bytes with cvy_memory_free(). A NUL that *size does
 * not count follows the last byte, so that text can be parsed in place.
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (also if it is longer than limit_bytes, or a folder),
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_file_read(const char *path, size_t limit_bytes, unsigned char **bytes, size_t *size);

/** Whether two paths lead to the same file, through links or not, even if it does not exist yet. */
bool cvy_file_is_same(const char *a, const char *b);

/** Whether an existing path leads into an existing folder, at any depth, with links followed; false
 *  for the folder itself. */
bool cvy_file_is_inside(const char *path, const char *folder);

/** Whether a path is a symbolic link to a place that does not exist. */
bool cvy_file_is_dangling(const char *path);

/** Close a stream after a failed write, and truncate the file to `bytes`, the ftell() before that
 *  write. A device or a pipe is left alone. */
void cvy_file_close_at(FILE *file, long bytes);

#endif
