/* Read ZIP archives entry by entry, stored or deflated, also with 64-bit sizes. All header fields
 * are checked before use: an entry never yields more bytes than it announces, and its checksum must
 * match. Source: PKWARE, APPNOTE.TXT 6.3. */
#ifndef CVY_FORMATS_ZIP_ARCHIVE_H
#define CVY_FORMATS_ZIP_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cvy_zip cvy_zip;

/** Open an archive and read its list. Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT (no ZIP
 *  archive, damaged), CVY_ERR_MEMORY. */
cvy_status cvy_zip_open(const char *path, cvy_zip **zip);
void cvy_zip_close(cvy_zip *zip);

size_t cvy_zip_count(const cvy_zip *zip);

/** The name of entry `index`, as UTF-8 or whatever its writer used. The archive owns it. */
const char *cvy_zip_name(const cvy_zip *zip, size_t index);

/** The size that the entry announces, in bytes. */
uint64_t cvy_zip_size(const cvy_zip *zip, size_t index);

/** Begin to read an entry; only one at a time. Returns CVY_ERR_READ, CVY_ERR_FORMAT,
 *  CVY_ERR_UNSUPPORTED (encrypted, or another compression). */
cvy_status cvy_zip_begin(cvy_zip *zip, size_t index);

/** Read exactly `size` more bytes of the entry. With the last byte the checksum is verified, and no
 *  data may follow. Returns CVY_ERR_READ, CVY_ERR_FORMAT. */
cvy_status cvy_zip_read(cvy_zip *zip, void *bytes, size_t size);

#endif
