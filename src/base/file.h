/* Whole files in, whole files out. A file appears under its name only when every byte of it is
 * on the disk: it is written beside its place, fsynced and renamed. Only devices and pipes, such as
 * /dev/null, are written to directly. */
#ifndef CVY_BASE_FILE_H
#define CVY_BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/**
 * Read a whole regular file. The caller frees *bytes with cvy_memory_free(); one zero byte that
 * *size does not count follows the last byte, so that text can be parsed in place.
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (also when it is longer than limit_bytes, or a folder),
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_file_read(const char *path, size_t limit_bytes, unsigned char **bytes, size_t *size);

/* A file that is being written. */
typedef struct cvy_output cvy_output;

/**
 * Begin a file that will be called `path`. Its folder must exist and be writable; a file already
 * there keeps its content until the commit, and the new one takes over its permission bits. Where
 * `path` is a link, the file it leads to is replaced.
 * Returns CVY_ERR_OPEN, CVY_ERR_MEMORY.
 */
cvy_status cvy_output_open(const char *path, cvy_output **output);

/** Append bytes. After a failure the output can only be discarded. Returns CVY_ERR_WRITE. */
cvy_status cvy_output_write(cvy_output *output, const void *bytes, size_t size);

/** Bring the bytes to the disk, rename, and release `output`. On failure (CVY_ERR_WRITE) nothing
 *  is left behind and an older file of that name is as it was. */
cvy_status cvy_output_commit(cvy_output *output);

/** Give up: remove what was written and release `output`. NULL is allowed. */
void cvy_output_discard(cvy_output *output);

/** open, write, commit in one call. */
cvy_status cvy_file_write(const char *path, const void *bytes, size_t size);

#endif
