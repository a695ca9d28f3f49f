/* Replaces whole files. A file appears under its name only once all of it is on disk: it is written
 * to a temporary file in the same folder, fsynced and renamed. */
#ifndef CVY_BASE_OUTPUT_H
#define CVY_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* A file being written. */
typedef struct cvy_output cvy_output;

/**
 * Start writing the file `path`. Its folder must exist and be writable. An existing file keeps its
 * content until the commit; the new one takes over its permission bits and, for root, its owner. A
 * file that this process may not write is not replaced either. A
 * symbolic link is followed and its target replaced. Devices, pipes and sockets cannot be replaced,
 * so bytes are written to them directly; so are /dev/stdout and /dev/fd/N, whatever is open there.
 * Returns CVY_ERR_OPEN, CVY_ERR_MEMORY.
 */
cvy_status cvy_output_open(const char *path, cvy_output **output);

/** Append bytes. After a failure the output can only be discarded. Returns CVY_ERR_WRITE. */
cvy_status cvy_output_write(cvy_output *output, const void *bytes, size_t size);

/** Flush to disk, rename, and release `output`. Returns CVY_ERR_WRITE: not saved, no temporary file
 *  is left, and an older file of that name is unchanged; CVY_ERR_UNSURE: saved under its name, but
 *  a power failure may still undo it, because the folder could not be flushed. */
cvy_status cvy_output_commit(cvy_output *output);

/** Whether this process has saved any file. For signal handlers too. */
bool cvy_output_has_saved(void);

/** Discard what was written and release `output`. NULL is allowed. */
void cvy_output_discard(cvy_output *output);

/** Open, write and commit in one call. */
cvy_status cvy_file_write(const char *path, const void *bytes, size_t size);

/** Check that cvy_output_open() could succeed, without a trace. A pipe or device is not opened,
 *  because its reader would see the end of the data. Returns what cvy_output_open() returns. */
cvy_status cvy_output_probe(const char *path);

/** Open a text file that is written line by line under its own name, such as a log. A regular file is
 *  locked until it is closed, so that two runs do not mix their lines, and emptied unless is_continued,
 *  which writes at its end. Returns CVY_ERR_OPEN. */
cvy_status cvy_output_open_lines(const char *path, bool is_continued, FILE **file);

/** Check that cvy_output_open_lines() could succeed, without a trace. */
cvy_status cvy_output_probe_lines(const char *path);

#endif
