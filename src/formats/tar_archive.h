/* Read tar archives, gzipped or not, file by file: POSIX ustar and GNU's. All header fields are
 * checked before use. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
#ifndef CVY_FORMATS_TAR_ARCHIVE_H
#define CVY_FORMATS_TAR_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cvy_tar cvy_tar;

enum { CVY_TAR_NAME_BYTES = 101 };

typedef struct {
    char name[CVY_TAR_NAME_BYTES]; /* as stored, without the prefix of long paths */
    uint64_t bytes;
} cvy_tar_entry;

/** Open an archive. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_tar_open(const char *path, cvy_tar **tar);

/** NULL is allowed. */
void cvy_tar_close(cvy_tar *tar);

/** Go to the next regular file, skipping folders, links, extensions and the unread rest of the
 *  previous file. Returns CVY_ERR_READ (damaged, cut short), CVY_ERR_FORMAT (no tar archive). */
cvy_status cvy_tar_next(cvy_tar *tar, cvy_tar_entry *entry, bool *is_end);

/** Read exactly `size` more bytes of the file. Returns CVY_ERR_READ. */
cvy_status cvy_tar_read(cvy_tar *tar, void *bytes, size_t size);

#endif
