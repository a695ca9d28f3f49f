/* Downloads over libcurl, which is loaded when one is asked for: neither building convoy nor any other part
 * of it needs libcurl. */
#ifndef CVY_FORMATS_DOWNLOAD_H
#define CVY_FORMATS_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** Called several times a second, `done` of `total` bytes (0: unknown); false: stop. */
typedef bool cvy_download_progress(void *context, uint64_t done, uint64_t total);

/**
 * Download `url` (http, https, ftp, file) into the file `path`. A file that is there already is taken for
 * the beginning of it: the rest is appended, where the server can send it alone; else all is loaded again.
 * After a failure the file can be resumed in this way. Bytes are flushed to the disk at the end.
 * limit     bytes; a longer file is refused
 * progress  may be NULL
 * Returns CVY_ERR_UNSUPPORTED (libcurl is not installed), CVY_ERR_READ (the server or the network),
 * CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_STOPPED, CVY_ERR_MEMORY.
 */
cvy_status cvy_download(const char *url, const char *path, uint64_t limit,
                        cvy_download_progress *progress, void *context);

#endif
