/* Reading whole files, and comparing paths. base/output.h writes them. */
#ifndef CVY_BASE_FILE_H
#define CVY_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/**
 * Read a whole regular file. The caller frees *bytes with cvy_memory_free(); one zero byte that
 * *size does not count follows the last byte, so that text can be parsed in place.
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (also when it is longer than limit_bytes, or a folder),
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_file_read(const char *path, size_t limit_bytes, unsigned char **bytes, size_t *size);

/** Whether two paths lead to one file, also by way of links, and also where it does not exist yet. */
bool cvy_file_is_same(const char *a, const char *b);

/** Whether a path that exists leads into a folder that exists, at any depth, links followed; not for the folder
 *  itself. */
bool cvy_file_is_inside(const char *path, const char *folder);

/** Close a stream after a failed write, and leave the file as long as it was: `bytes`, the ftell() before
 *  that write. A device or a pipe stays as it is. */
void cvy_file_close_at(FILE *file, long bytes);

#endif
