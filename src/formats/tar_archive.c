#include "formats/tar_archive.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"

/* A header is one block; files are padded to whole blocks. */
enum {
    BLOCK_BYTES = 512,
    SIZE_AT = 124,
    SIZE_BYTES = 12,
    CHECKSUM_AT = 148,
    CHECKSUM_BYTES = 8,
    TYPE_AT = 156,
    NAME_BYTES = 100,
};

struct cvy_tar {
    const char *path; /* owned */
    gzFile stream;
    uint64_t left, padding; /* of the current file */
};

cvy_status cvy_tar_open(const char *path, cvy_tar **tar)
{
    cvy_tar *opened;
    char *copy = NULL;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    if (status == CVY_OK)
        status = cvy_text_copy(path, &copy);
    if (status != CVY_OK) {
        cvy_memory_free(opened);
        return status;
    }
    opened->path = copy;
    errno = 0;
    opened->stream = gzopen(path, "rbe");
    if (opened->stream == NULL) {
        status = errno != 0 ? cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno))
                            : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
        cvy_tar_close(opened);
        return status;
    }
    *tar = opened;
    return CVY_OK;
}

void cvy_tar_close(cvy_tar *tar)
{
    if (tar == NULL)
        return;
    if (tar->stream != NULL)
        gzclose(tar->stream);
    cvy_memory_free((void *)tar->path);
    cvy_memory_free(tar);
}

/* gzread() takes an unsigned number of bytes and returns an int. */
static cvy_status read_bytes(cvy_tar *tar, unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const unsigned wanted = size < 1 << 20 ? (unsigned)size : 1 << 20;
        const int count = gzread(tar->stream, bytes, wanted);
        if (count <= 0)
            return cvy_fail(CVY_ERR_READ, "%s: %s", tar->path,
                            count == 0 ? "an archive that was cut short" : "damaged gzip data");
        bytes += count;
        size -= (size_t)count;
    }
    return CVY_OK;
}

static cvy_status skip(cvy_tar *tar, uint64_t bytes)
{
    unsigned char block[BLOCK_BYTES];
    cvy_status status = CVY_OK;

    while (status == CVY_OK && bytes > 0) {
        const size_t part = bytes < sizeof block ? (size_t)bytes : sizeof block;
        status = read_bytes(tar, block, part);
        bytes -= part;
    }
    return status;
}

/* Read octal digits surrounded by spaces or zeros; false for anything else. */
static bool read_octal(const unsigned char *text, size_t size, uint64_t *number)
{
    size_t i = 0;

    *number = 0;
    while (i < size && text[i] == ' ')
        i++;
    const size_t first = i;
    for (; i < size && text[i] >= '0' && text[i] <= '7'; i++)
        *number = *number << 3 | (uint64_t)(text[i] - '0');
    return i > first && (i == size || text[i] == '\0' || text[i] == ' ');
}

/* Whether the checksum is right: the sum of all bytes, with its own field counted as spaces. */
static bool has_checksum(const unsigned char *header)
{
    uint64_t expected, sum = 0;

    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES ? ' ' : header[i];
    return read_octal(header + CHECKSUM_AT, CHECKSUM_BYTES, &expected) && sum == expected;
}

static bool is_blank(const unsigned char *header)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        if (header[i] != 0)
            return false;
    return true;
}

cvy_status cvy_tar_next(cvy_tar *tar, cvy_tar_entry *entry, bool *is_end)
{
    unsigned char header[BLOCK_BYTES];

    for (;;) {
        cvy_status status = skip(tar, tar->left + tar->padding);
        tar->left = tar->padding = 0;
        if (status == CVY_OK)
            status = read_bytes(tar, header, sizeof header);
        if (status != CVY_OK)
            return status;
        *is_end = is_blank(header);
        if (*is_end)
            return CVY_OK;
        if (!has_checksum(header) || !read_octal(header + SIZE_AT, SIZE_BYTES, &entry->bytes))
            return cvy_fail(CVY_ERR_FORMAT, "%s: no tar archive, or a damaged one", tar->path);
        tar->left = entry->bytes;
        tar->padding = (BLOCK_BYTES - entry->bytes % BLOCK_BYTES) % BLOCK_BYTES;
        if (header[TYPE_AT] != '0' && header[TYPE_AT] != '\0')
            continue;
        memcpy(entry->name, header, NAME_BYTES);
        entry->name[NAME_BYTES] = '\0';
        return CVY_OK;
    }
}

cvy_status cvy_tar_read(cvy_tar *tar, void *bytes, size_t size)
{
    assert(size <= tar->left);
    tar->left -= size;
    return read_bytes(tar, bytes, size);
}
