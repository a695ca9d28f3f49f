/* Downloads through libcurl, which is loaded at the first download: building convoy and running the
 * rest of it need no libcurl. */
#ifndef CVY_FORMATS_DOWNLOAD_H
#define CVY_FORMATS_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** Called several times per second with `done` of `total` bytes (0: unknown). Return false to
 *  stop. */
typedef bool cvy_download_progress(void *context, uint64_t done, uint64_t total);

/**
 * Download `url` (http, https, ftp, file) to the file `path`. An existing file is assumed to be the
 * start of the download: the rest is appended if the server can resume, else everything is
 * downloaded again. This also resumes after a failure. At the end the file is flushed to disk.
 * limit     maximum size in bytes; a longer file is refused
 * progress  may be NULL
 * Returns CVY_ERR_UNSUPPORTED (libcurl is not installed), CVY_ERR_READ (the server or the network),
 * CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_STOPPED, CVY_ERR_MEMORY.
 */
cvy_status cvy_download(const char *url, const char *path, uint64_t limit,
                        cvy_download_progress *progress, void *context);

#endif
