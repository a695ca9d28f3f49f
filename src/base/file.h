/* Reading and replacing whole files. A file appears under its name only when all of it is on disk: it
 * is written to a temporary file in the same folder, fsynced and renamed. */
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

/* A file being written. */
typedef struct cvy_output cvy_output;

/**
 * Start writing the file `path`. Its folder must exist and be writable. An existing file keeps its
 * content until the commit; the new one takes over its permission bits and, for root, its owner.
 * A symbolic link is followed and its target replaced. A device, a pipe or a socket cannot be
 * replaced: bytes go straight into it. So they do for /dev/stdout and /dev/fd/N, whatever is open there.
 * Returns CVY_ERR_OPEN, CVY_ERR_MEMORY.
 */
cvy_status cvy_output_open(const char *path, cvy_output **output);

/** Append bytes. After a failure the output can only be discarded. Returns CVY_ERR_WRITE. */
cvy_status cvy_output_write(cvy_output *output, const void *bytes, size_t size);

/** Flush to disk, rename, and release `output`. Returns CVY_ERR_WRITE: not saved, nothing is left
 *  behind and an older file of that name is untouched; CVY_ERR_UNSURE: saved under its name, but a
 *  power failure may still undo it, because the folder could not be flushed. */
cvy_status cvy_output_commit(cvy_output *output);

/** Give up: remove what was written and release `output`. NULL is allowed. */
void cvy_output_discard(cvy_output *output);

/** Open, write and commit in one call. */
cvy_status cvy_file_write(const char *path, const void *bytes, size_t size);

/** Whether two paths lead to one file, also by way of links, and also where it does not exist yet. */
bool cvy_file_is_same(const char *a, const char *b);

/** Whether cvy_output_open() could succeed, without a trace: a pipe or device is not opened, since its
 *  reader would take that for the end. Returns what cvy_output_open() returns. */
cvy_status cvy_output_probe(const char *path);

/** Close a stream after a failed write, and leave the file as long as it was: `bytes`, the ftell() before
 *  that write. A device or a pipe stays as it is. */
void cvy_file_close_at(FILE *file, long bytes);

/** Remove temporary files that killed processes left in the folder of `path`. A file that a living
 *  process is writing is locked and stays. Best effort: what cannot be removed is left. */
void cvy_output_clear_stale(const char *path);

#endif
