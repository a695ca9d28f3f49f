#include "formats/zip_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum {
    END_BYTES = 22, /* end record, without its comment */
    END64_LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46, /* list entry, without name, extra field and comment */
    LOCAL_BYTES = 30, /* header before an entry's data */
    COMMENT_BYTES_MAX = 65535,
    ENTRIES_MAX = 10000,
    LIST_BYTES_MAX = 16 << 20,
    INPUT_BYTES = 1 << 16,
    STORED = 0,
    DEFLATED = 8,
};

typedef struct {
    char *name;
    uint64_t offset, packed, size;
    uint32_t checksum;
    unsigned method, flags;
} zip_entry;

struct cvy_zip {
    char *path;
    int file;
    uint64_t file_bytes;
    zip_entry *entries;
    size_t count;
    /* the entry being read */
    const zip_entry *open;
    z_stream inflater;
    bool is_inflating;
    uint64_t position, packed_left, left; /* in the file; left to read and to return */
    uint32_t checksum;
    unsigned char input[INPUT_BYTES];
};

static uint32_t le16(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static uint32_t le32(const unsigned char *b)
{
    return le16(b) | le16(b + 2) << 16;
}

static uint64_t le64(const unsigned char *b)
{
    return le32(b) | (uint64_t)le32(b + 4) << 32;
}

static cvy_status read_at(const cvy_zip *zip, uint64_t offset, void *bytes, size_t size)
{
    unsigned char *to = bytes;

    if (offset > zip->file_bytes || size > zip->file_bytes - offset)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged archive (it points past its end)",
                        zip->path);
    while (size > 0) {
        const ssize_t count = pread(zip->file, to, size, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return cvy_fail(CVY_ERR_READ, "%s: %s", zip->path,
                            count < 0 ? strerror(errno) : "it became shorter while it was read");
        to += count;
        offset += (uint64_t)count;
        size -= (size_t)count;
    }
    return CVY_OK;
}

/* Position, size and number of entries of the central directory. */
typedef struct {
    uint64_t offset, bytes, count;
} list_place;

static cvy_status read_end64(const cvy_zip *zip, uint64_t end, list_place *list)
{
    unsigned char locator[END64_LOCATOR_BYTES], record[END64_BYTES];

    if (end < sizeof locator)
        return CVY_OK;
    cvy_status status = read_at(zip, end - sizeof locator, locator, sizeof locator);
    if (status != CVY_OK || le32(locator) != 0x07064b50)
        return status;
    status = read_at(zip, le64(locator + 8), record, sizeof record);
    if (status != CVY_OK)
        return status;
    if (le32(record) != 0x06064b50)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged archive (its 64-bit end)", zip->path);
    *list = (list_place){ le64(record + 48), le64(record + 40), le64(record + 32) };
    return CVY_OK;
}

/* The end record is last in the file, except for a comment of any length. */
static cvy_status find_list(const cvy_zip *zip, list_place *list)
{
    const size_t window = zip->file_bytes < END_BYTES + COMMENT_BYTES_MAX
                              ? (size_t)zip->file_bytes
                              : END_BYTES + COMMENT_BYTES_MAX;
    const uint64_t start = zip->file_bytes - window;
    unsigned char *tail;
    cvy_status status = cvy_memory_create(window + 1, 1, &tail);
    bool found = false;

    if (status == CVY_OK)
        status = read_at(zip, start, tail, window);
    for (size_t i = window; status == CVY_OK && !found && i >= END_BYTES; i--) {
        const unsigned char *end = tail + i - END_BYTES;
        if (le32(end) != 0x06054b50)
            continue;
        found = true;
        *list = (list_place){ le32(end + 16), le32(end + 12), le16(end + 10) };
        if (list->offset == UINT32_MAX || list->bytes == UINT32_MAX || list->count == UINT16_MAX)
            status = read_end64(zip, start + i - END_BYTES, list);
    }
    cvy_memory_free(tail);
    if (status == CVY_OK && !found)
        status =
            cvy_fail(CVY_ERR_FORMAT, "%s: no ZIP archive, or one that was cut short", zip->path);
    return status;
}

/* Only the sizes that do not fit 32 bits are in the extra field, in this order. */
static void read_extra64(const unsigned char *extra, size_t size, zip_entry *entry)
{
    uint64_t *const wide[] = { &entry->size, &entry->packed, &entry->offset };

    for (size_t at = 0; size - at >= 4 && size >= at + 4;) {
        const size_t bytes = le16(extra + at + 2);
        const unsigned char *field = extra + at + 4;
        if (bytes > size - at - 4)
            return;
        if (le16(extra + at) == 1) {
            size_t used = 0;
            for (size_t i = 0; i < 3; i++)
                if (*wide[i] == UINT32_MAX && used + 8 <= bytes) {
                    *wide[i] = le64(field + used);
                    used += 8;
                }
            return;
        }
        at += 4 + bytes;
    }
}

static cvy_status read_entry(cvy_zip *zip, const unsigned char *list, size_t size, size_t *at,
                             zip_entry *entry)
{
    if (size - *at < ENTRY_BYTES || le32(list + *at) != 0x02014b50)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged archive (its list of entries)", zip->path);
    const unsigned char *b = list + *at;
    const size_t name = le16(b + 28), extra = le16(b + 30), comment = le16(b + 32);
    if (size - *at - ENTRY_BYTES < name + extra + comment)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged archive (its list of entries)", zip->path);
    *entry = (zip_entry){ .flags = le16(b + 8),
                          .method = le16(b + 10),
                          .checksum = le32(b + 16),
                          .packed = le32(b + 20),
                          .size = le32(b + 24),
                          .offset = le32(b + 42) };
    read_extra64(b + ENTRY_BYTES + name, extra, entry);
    cvy_status status = cvy_memory_create(name + 1, 1, &entry->name);
    if (status == CVY_OK && name > 0)
        memcpy(entry->name, b + ENTRY_BYTES, name);
    *at += ENTRY_BYTES + name + extra + comment;
    return status;
}

static cvy_status read_list(cvy_zip *zip)
{
    list_place place = { 0 };
    unsigned char *list = NULL;
    size_t at = 0;
    cvy_status status = find_list(zip, &place);

    if (status == CVY_OK && (place.count > ENTRIES_MAX || place.bytes > LIST_BYTES_MAX))
        status = cvy_fail(CVY_ERR_FORMAT, "%s: an archive of %llu entries, expected at most %d",
                          zip->path, (unsigned long long)place.count, ENTRIES_MAX);
    if (status == CVY_OK)
        status = cvy_memory_create((size_t)place.bytes + 1, 1, &list);
    if (status == CVY_OK)
        status = read_at(zip, place.offset, list, (size_t)place.bytes);
    if (status == CVY_OK)
        status = cvy_memory_create((size_t)place.count, sizeof *zip->entries, &zip->entries);
    while (status == CVY_OK && zip->count < place.count) {
        status = read_entry(zip, list, (size_t)place.bytes, &at, &zip->entries[zip->count]);
        zip->count += status == CVY_OK;
    }
    cvy_memory_free(list);
    return status;
}

static cvy_status open_file(cvy_zip *zip)
{
    struct stat about;

    zip->file = open(zip->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (zip->file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", zip->path, strerror(errno));
    if (fstat(zip->file, &about) != 0 || !S_ISREG(about.st_mode))
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", zip->path);
    zip->file_bytes = (uint64_t)about.st_size;
    return CVY_OK;
}

cvy_status cvy_zip_open(const char *path, cvy_zip **zip)
{
    cvy_zip *opened;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    if (status != CVY_OK)
        return status;
    opened->file = -1;
    status = cvy_text_copy(path, &opened->path);
    if (status == CVY_OK)
        status = open_file(opened);
    if (status == CVY_OK)
        status = read_list(opened);
    if (status != CVY_OK) {
        cvy_zip_close(opened);
        return status;
    }
    *zip = opened;
    return CVY_OK;
}

void cvy_zip_close(cvy_zip *zip)
{
    if (zip == NULL)
        return;
    if (zip->is_inflating)
        inflateEnd(&zip->inflater);
    for (size_t i = 0; i < zip->count; i++)
        cvy_memory_free(zip->entries[i].name);
    cvy_memory_free(zip->entries);
    if (zip->file >= 0)
        close(zip->file);
    cvy_memory_free(zip->path);
    cvy_memory_free(zip);
}

size_t cvy_zip_count(const cvy_zip *zip)
{
    return zip->count;
}

const char *cvy_zip_name(const cvy_zip *zip, size_t index)
{
    return zip->entries[index].name;
}

uint64_t cvy_zip_size(const cvy_zip *zip, size_t index)
{
    return zip->entries[index].size;
}

static cvy_status fail_damaged(const cvy_zip *zip, const char *how)
{
    return cvy_fail(CVY_ERR_FORMAT, "%s: %s: a damaged entry (%s)", zip->path, zip->open->name,
                    how);
}

cvy_status cvy_zip_begin(cvy_zip *zip, size_t index)
{
    unsigned char local[LOCAL_BYTES];
    const zip_entry *entry = &zip->entries[index];

    if (zip->is_inflating)
        inflateEnd(&zip->inflater);
    zip->is_inflating = false;
    zip->open = entry;
    if ((entry->flags & 1) != 0 || (entry->method != STORED && entry->method != DEFLATED))
        return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: %s: %s, expected a stored or deflated entry",
                        zip->path, entry->name,
                        (entry->flags & 1) != 0 ? "encrypted" : "a compression that is not known");
    cvy_status status = read_at(zip, entry->offset, local, sizeof local);
    if (status != CVY_OK)
        return status;
    if (le32(local) != 0x04034b50)
        return fail_damaged(zip, "its header");
    zip->position = entry->offset + sizeof local + le16(local + 26) + le16(local + 28);
    if (zip->position > zip->file_bytes || entry->packed > zip->file_bytes - zip->position)
        return fail_damaged(zip, "it goes on past the end of the file");
    if (entry->method == STORED && entry->packed != entry->size)
        return fail_damaged(zip, "two sizes");
    zip->packed_left = entry->packed;
    zip->left = entry->size;
    zip->checksum = (uint32_t)crc32(0, NULL, 0);
    if (entry->method == STORED)
        return CVY_OK;
    zip->inflater = (z_stream){ 0 };
    if (inflateInit2(&zip->inflater, -MAX_WBITS) != Z_OK)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", zip->path);
    zip->is_inflating = true;
    return CVY_OK;
}

/* Read compressed bytes for the inflater. */
static cvy_status feed(cvy_zip *zip)
{
    const size_t count =
        zip->packed_left < INPUT_BYTES ? (size_t)zip->packed_left : (size_t)INPUT_BYTES;
    cvy_status status = read_at(zip, zip->position, zip->input, count);

    zip->position += count;
    zip->packed_left -= count;
    zip->inflater.next_in = zip->input;
    zip->inflater.avail_in = (uInt)count;
    return status;
}

/* Inflate up to `size` bytes; fewer only at the end of the compressed data. */
static cvy_status inflate_some(cvy_zip *zip, unsigned char *bytes, size_t size, size_t *filled)
{
    *filled = 0;
    while (*filled < size) {
        if (zip->inflater.avail_in == 0 && zip->packed_left > 0) {
            cvy_status status = feed(zip);
            if (status != CVY_OK)
                return status;
        }
        const size_t wanted = size - *filled < 1 << 30 ? size - *filled : 1 << 30;
        zip->inflater.next_out = bytes + *filled;
        zip->inflater.avail_out = (uInt)wanted;
        const int result = inflate(&zip->inflater, Z_NO_FLUSH);
        *filled += wanted - zip->inflater.avail_out;
        if (result == Z_STREAM_END)
            return CVY_OK;
        if (result != Z_OK && result != Z_BUF_ERROR)
            return fail_damaged(zip, "its deflated data");
        if (zip->inflater.avail_out > 0 && zip->inflater.avail_in == 0 && zip->packed_left == 0)
            return CVY_OK;
    }
    return CVY_OK;
}

/* At its end, check that an entry has exactly the announced size and the right checksum. */
static cvy_status check_end(cvy_zip *zip)
{
    unsigned char extra;
    size_t more = 0;
    cvy_status status = CVY_OK;

    if (zip->is_inflating)
        status = inflate_some(zip, &extra, 1, &more);
    if (status == CVY_OK && more > 0)
        status = fail_damaged(zip, "it inflates to more than it announces");
    if (status == CVY_OK && zip->checksum != zip->open->checksum)
        status = fail_damaged(zip, "its checksum");
    return status;
}

cvy_status cvy_zip_read(cvy_zip *zip, void *bytes, size_t size)
{
    size_t filled = size;
    cvy_status status = CVY_OK;

    if (size > zip->left)
        return fail_damaged(zip, "it ends too early");
    if (zip->is_inflating) {
        status = inflate_some(zip, bytes, size, &filled);
    } else {
        status = read_at(zip, zip->position, bytes, size);
        zip->position += size;
    }
    if (status == CVY_OK && filled < size)
        status = fail_damaged(zip, "it ends too early");
    if (status != CVY_OK)
        return status;
    for (size_t at = 0; at < size;) { /* zlib counts in unsigned int */
        const size_t part = size - at < 1 << 30 ? size - at : 1 << 30;
        zip->checksum = (uint32_t)crc32(zip->checksum, (const Bytef *)bytes + at, (uInt)part);
        at += part;
    }
    zip->left -= size;
    return zip->left == 0 ? check_end(zip) : CVY_OK;
}
