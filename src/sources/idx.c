/* Single IDX files. Magic number and sizes are checked before use, and no more memory is allocated
 * than the file could fill.
 * Source of the format: http://yann.lecun.com/exdb/mnist/, "File formats". */
#include "sources/idx.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "data/content.h"

enum {
    IMAGE_MAGIC = 0x00000803,
    LABEL_MAGIC = 0x00000801,
    ROW_LABEL_MAGIC = 0x00000c02,
    ROW_LABEL_COLUMNS = 8,
    LABEL_HEADER_BYTES = 8,
    IMAGE_HEADER_BYTES = 16,
    SIDE_MAX = 8192,
    INPUT_BUFFER_BYTES = 1 << 17,
    LIKELY_RATIO = 16, /* MNIST shrinks to 1/5 to 1/8; files beyond this ratio are measured */
};
#define CONTENT_BYTES_MAX ((size_t)1 << 46) /* larger than any disk */

typedef struct {
    const char *path;
    gzFile stream;
    size_t file_bytes; /* size on disk */
} idx_file;

static cvy_status open_file(const char *path, idx_file *file)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (descriptor < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(descriptor);
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", path);
    }
    gzFile stream = gzdopen(descriptor, "rb");
    if (stream == NULL || gzbuffer(stream, INPUT_BUFFER_BYTES) != 0) {
        if (stream != NULL)
            gzclose(stream);
        else
            close(descriptor);
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    }
    *file = (idx_file){ .path = path, .stream = stream, .file_bytes = (size_t)about.st_size };
    return CVY_OK;
}

/* Fill `bytes` as far as the file allows; *filled is the number of bytes read. */
static cvy_status read_up_to(const idx_file *file, unsigned char *bytes, size_t size,
                             size_t *filled)
{
    *filled = 0;
    while (*filled < size) {
        size_t left = size - *filled;
        int count =
            gzread(file->stream, bytes + *filled, left < INT_MAX ? (unsigned)left : INT_MAX);
        if (count < 0) {
            int code;
            const char *reason = gzerror(file->stream, &code);
            return code == Z_ERRNO
                       ? cvy_fail(CVY_ERR_READ, "%s: %s", file->path, strerror(errno))
                       : cvy_fail(CVY_ERR_READ, "%s: damaged gzip data (%s)", file->path, reason);
        }
        if (count == 0)
            break;
        *filled += (size_t)count;
    }
    return CVY_OK;
}

/* At the end of the data, check that the zlib stream ended too, or that the file was not cut. */
static cvy_status check_not_cut(const idx_file *file)
{
    int code;

    gzerror(file->stream, &code);
    return code == Z_BUF_ERROR
               ? cvy_fail(CVY_ERR_READ, "%s: the gzip data end in the middle", file->path)
               : CVY_OK;
}

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Fail because the magic number is wrong; name the actual content if known. */
static cvy_status fail_magic(const idx_file *file, const unsigned char *header, uint32_t magic,
                             const char *what)
{
    const char *mistake = cvy_content_mistake(cvy_content_of(file->path));

    return cvy_fail(CVY_ERR_FORMAT, "%s: starts with 0x%08x, an IDX file of %s with 0x%08x%s%s",
                    file->path, big_endian(header), what, magic, mistake != NULL ? "; " : "",
                    mistake != NULL ? mistake : "");
}

static cvy_status read_header(const idx_file *file, uint32_t magic, const char *what,
                              unsigned char *header, size_t header_bytes)
{
    size_t filled;

    if (file->file_bytes == 0)
        return cvy_fail(CVY_ERR_READ, "%s: the file is empty", file->path);
    cvy_status status = read_up_to(file, header, header_bytes, &filled);
    if (status == CVY_OK && filled < header_bytes)
        status = check_not_cut(file);
    if (status != CVY_OK)
        return status;
    if (filled >= 4 && big_endian(header) != magic &&
        !(magic == LABEL_MAGIC && big_endian(header) == ROW_LABEL_MAGIC))
        return fail_magic(file, header, magic, what);
    if (filled < header_bytes)
        return cvy_fail(CVY_ERR_READ, "%s: %zu bytes, shorter than the %zu-byte IDX header",
                        file->path, filled, header_bytes);
    return CVY_OK;
}

/* Read at most `limit` following bytes and seek back; *size is the number found. */
static cvy_status measure_content(const idx_file *file, size_t limit, size_t *size)
{
    unsigned char *window;
    cvy_status status = cvy_memory_create(INPUT_BUFFER_BYTES, 1, &window);
    z_off_t start = gztell(file->stream);
    size_t filled = INPUT_BUFFER_BYTES;

    *size = 0;
    while (status == CVY_OK && filled == INPUT_BUFFER_BYTES && *size < limit) {
        status = read_up_to(file, window, INPUT_BUFFER_BYTES, &filled);
        *size += filled;
    }
    cvy_memory_free(window);
    if (status == CVY_OK && *size < limit)
        status = check_not_cut(file);
    if (status == CVY_OK && gzseek(file->stream, start, SEEK_SET) != start)
        status = cvy_fail(CVY_ERR_READ, "%s: cannot go back to its beginning", file->path);
    return status;
}

/* Check that the file can hold what its header announces, before memory is allocated. The size
 * stored at the end of a gzip file proves nothing, so a file with an unusual compression ratio is
 * read through first. */
static cvy_status check_room(const idx_file *file, size_t header_bytes, size_t content_bytes)
{
    size_t found = file->file_bytes - header_bytes;
    cvy_status status = CVY_OK;

    if (content_bytes > CONTENT_BYTES_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "%s: the header announces %zu bytes, at most %zu are read",
                        file->path, content_bytes, CONTENT_BYTES_MAX);
    if (!gzdirect(file->stream)) {
        if (content_bytes / LIKELY_RATIO <= file->file_bytes)
            return CVY_OK;
        status = measure_content(file, content_bytes, &found);
    }
    if (status == CVY_OK && found < content_bytes)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: the header announces %zu bytes, %zu follow",
                          file->path, content_bytes, found);
    return status;
}

/* Read the next `size` of the `announced` bytes, of which `done` have been read. */
static cvy_status read_part(const idx_file *file, unsigned char *bytes, size_t size, size_t done,
                            size_t announced)
{
    size_t filled;
    cvy_status status = read_up_to(file, bytes, size, &filled);

    if (status == CVY_OK && filled < size)
        status = check_not_cut(file);
    if (status == CVY_OK && filled < size)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: the header announces %zu bytes, %zu follow",
                          file->path, announced, done + filled);
    return status;
}

/* Check that nothing follows. Reading past the end makes zlib verify its checksum. */
static cvy_status check_end(const idx_file *file, size_t announced)
{
    size_t beyond;
    unsigned char extra;
    cvy_status status = read_up_to(file, &extra, 1, &beyond);

    if (status == CVY_OK && beyond == 0)
        status = check_not_cut(file);
    if (status == CVY_OK && beyond > 0)
        status =
            cvy_fail(CVY_ERR_FORMAT, "%s: goes on after the %zu bytes that the header announces",
                     file->path, announced);
    return status;
}

struct cvy_idx_stream {
    idx_file file;
    size_t image_bytes, done, announced;
};

static cvy_status read_image_header(cvy_idx_stream *stream, cvy_idx_header *header)
{
    const idx_file *file = &stream->file;
    unsigned char bytes[IMAGE_HEADER_BYTES];
    cvy_status status = read_header(file, IMAGE_MAGIC, "images", bytes, sizeof bytes);
    if (status != CVY_OK)
        return status;

    uint32_t count = big_endian(bytes + 4);
    uint32_t rows = big_endian(bytes + 8), columns = big_endian(bytes + 12);
    if (count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces 0 images", file->path);
    if (rows < 1 || rows > SIDE_MAX || columns < 1 || columns > SIDE_MAX)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: announces images of %u rows and %u columns, expected 1 to %d of each",
                        file->path, rows, columns, SIDE_MAX);
    stream->image_bytes = (size_t)rows * columns;
    if (!cvy_size_multiply(count, stream->image_bytes, &stream->announced))
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces %u images of %u x %u, an impossible size",
                        file->path, count, rows, columns);
    *header = (cvy_idx_header){ .count = count, .height = rows, .width = columns };
    return check_room(file, sizeof bytes, stream->announced);
}

cvy_status cvy_idx_stream_open(const char *path, cvy_idx_stream **stream, cvy_idx_header *header)
{
    cvy_idx_stream *opened;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    if (status != CVY_OK)
        return status;
    status = open_file(path, &opened->file);
    if (status == CVY_OK)
        status = read_image_header(opened, header);
    if (status != CVY_OK) {
        cvy_idx_stream_close(opened);
        return status;
    }
    *stream = opened;
    return CVY_OK;
}

cvy_status cvy_idx_stream_read(cvy_idx_stream *stream, unsigned char *pixels, size_t count)
{
    const size_t bytes = count * stream->image_bytes;
    cvy_status status = read_part(&stream->file, pixels, bytes, stream->done, stream->announced);

    stream->done += bytes;
    if (status == CVY_OK && stream->done == stream->announced)
        status = check_end(&stream->file, stream->announced);
    return status;
}

void cvy_idx_stream_close(cvy_idx_stream *stream)
{
    if (stream != NULL && stream->file.stream != NULL)
        gzclose(stream->file.stream);
    cvy_memory_free(stream);
}

cvy_status cvy_idx_read_images(const char *path, cvy_images *images, size_t *height, size_t *width)
{
    cvy_idx_stream *stream;
    cvy_idx_header header = { 0 };
    cvy_images found = { 0 };

    cvy_status status = cvy_idx_stream_open(path, &stream, &header);
    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(header.count, header.height * header.width, &found.pixels);
    if (status == CVY_OK)
        status = cvy_idx_stream_read(stream, found.pixels, header.count);
    cvy_idx_stream_close(stream);
    if (status != CVY_OK) {
        cvy_memory_free(found.pixels);
        return status;
    }
    found.count = header.count;
    *images = found;
    *height = header.height;
    *width = header.width;
    return CVY_OK;
}

/* Read labels of one byte each, as in MNIST. */
static cvy_status read_byte_labels(const idx_file *file, cvy_images *images)
{
    const size_t count = images->count;
    cvy_status status = check_room(file, LABEL_HEADER_BYTES, count);

    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *images->labels, &images->labels);
    if (status != CVY_OK)
        return status;
    /* The bytes are read into the upper half of the array and widened front to back: label i is
     * written to bytes 2i and 2i + 1, never beyond its source, byte count + i. */
    unsigned char *bytes = (unsigned char *)images->labels + count;
    status = read_part(file, bytes, count, 0, count);
    if (status == CVY_OK)
        status = check_end(file, count);
    for (size_t i = 0; i < count; i++)
        images->labels[i] = bytes[i];
    return status;
}

/* Read rows of integers, first the label, then details of the writer, as in QMNIST (Yadav and
 * Bottou 2019). */
static cvy_status read_row_labels(const idx_file *file, cvy_images *images)
{
    unsigned char columns[4], row[4 * ROW_LABEL_COLUMNS];
    cvy_status status = read_part(file, columns, sizeof columns, 0, sizeof columns);
    if (status != CVY_OK)
        return status;
    if (big_endian(columns) != ROW_LABEL_COLUMNS)
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces %u numbers a label, QMNIST's have %d",
                        file->path, big_endian(columns), ROW_LABEL_COLUMNS);
    const size_t count = images->count, announced = count * sizeof row;
    status = check_room(file, LABEL_HEADER_BYTES + sizeof columns, announced);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *images->labels, &images->labels);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        status = read_part(file, row, sizeof row, i * sizeof row, announced);
        if (status == CVY_OK && big_endian(row) >= CVY_CLASSES_MAX)
            status = cvy_fail(CVY_ERR_DATA, "%s: label %zu is %u, expected one below %d",
                              file->path, i, big_endian(row), CVY_CLASSES_MAX);
        images->labels[i] = (uint16_t)big_endian(row);
    }
    return status == CVY_OK ? check_end(file, announced) : status;
}

static cvy_status read_label_stream(const idx_file *file, cvy_images *images)
{
    unsigned char header[LABEL_HEADER_BYTES];
    cvy_status status = read_header(file, LABEL_MAGIC, "labels", header, sizeof header);
    if (status != CVY_OK)
        return status;
    images->count = big_endian(header + 4);
    if (images->count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces 0 labels", file->path);
    return big_endian(header) == ROW_LABEL_MAGIC ? read_row_labels(file, images)
                                                 : read_byte_labels(file, images);
}

cvy_status cvy_idx_read_labels(const char *path, cvy_images *images)
{
    idx_file file;
    cvy_images found = { 0 };

    cvy_status status = open_file(path, &file);
    if (status != CVY_OK)
        return status;
    status = read_label_stream(&file, &found);
    gzclose(file.stream);
    if (status != CVY_OK) {
        cvy_memory_free(found.labels);
        return status;
    }
    *images = found;
    return CVY_OK;
}

cvy_idx_content cvy_idx_recognise(const char *path)
{
    idx_file file;
    unsigned char magic[4];
    size_t filled = 0;

    if (open_file(path, &file) != CVY_OK)
        return CVY_IDX_NONE;
    const cvy_status status = read_up_to(&file, magic, sizeof magic, &filled);
    gzclose(file.stream);
    if (status != CVY_OK || filled < sizeof magic)
        return CVY_IDX_NONE;
    switch (big_endian(magic)) {
    case IMAGE_MAGIC:
        return CVY_IDX_IMAGES;
    case LABEL_MAGIC:
    case ROW_LABEL_MAGIC:
        return CVY_IDX_LABELS;
    default:
        return CVY_IDX_NONE;
    }
}
