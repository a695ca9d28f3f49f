/* Data sets in the four IDX files of MNIST. Nothing in a file is believed before it is checked:
 * not the magic, not the sizes, and no memory is asked for that the file could not fill.
 * Source of the format: http://yann.lecun.com/exdb/mnist/, "File formats". */
#include "data/idx.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum {
    IMAGE_MAGIC = 0x00000803,
    LABEL_MAGIC = 0x00000801,
    LABEL_HEADER_BYTES = 8,
    IMAGE_HEADER_BYTES = 16,
    SIDE_MAX = 8192,
    INPUT_BUFFER_BYTES = 1 << 17,
    LIKELY_RATIO = 16, /* MNIST shrinks to a fifth to an eighth; more than this is looked into */
};
#define CONTENT_BYTES_MAX ((size_t)1 << 31)

typedef struct {
    const char *path;
    gzFile stream;
    size_t file_bytes; /* on the disk */
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

/* Fill `bytes` as far as the file reaches; *filled is how far that was. */
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

/* At the end of the data: whether zlib met its end too, or the file was cut in the middle. */
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
    if (filled >= 4 && big_endian(header) != magic)
        return cvy_fail(CVY_ERR_FORMAT, "%s: starts with 0x%08x, an IDX file of %s with 0x%08x",
                        file->path, big_endian(header), what, magic);
    if (filled < header_bytes)
        return cvy_fail(CVY_ERR_READ, "%s: %zu bytes, shorter than the %zu-byte IDX header",
                        file->path, filled, header_bytes);
    return CVY_OK;
}

/* Read through what follows, `limit` bytes at most, and come back; *size is how much there was. */
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

/* Can the file hold as much as its header announces? Asked before memory is. The size noted at
 * the end of a gzip file proves nothing, so one that would have to be packed uncommonly well is
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

/* The rest of the file: exactly `size` bytes. Looking past them makes zlib check its checksum. */
static cvy_status read_content(const idx_file *file, unsigned char *bytes, size_t size)
{
    size_t filled, beyond = 0;
    unsigned char extra;

    cvy_status status = read_up_to(file, bytes, size, &filled);
    if (status == CVY_OK && filled == size)
        status = read_up_to(file, &extra, 1, &beyond);
    if (status == CVY_OK && beyond == 0)
        status = check_not_cut(file);
    if (status != CVY_OK)
        return status;
    if (filled < size)
        return cvy_fail(CVY_ERR_FORMAT, "%s: the header announces %zu bytes, %zu follow",
                        file->path, size, filled);
    if (beyond > 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: goes on after the %zu bytes that the header announces",
                        file->path, size);
    return CVY_OK;
}

static cvy_status read_image_stream(const idx_file *file, cvy_images *images, size_t *height,
                                    size_t *width)
{
    unsigned char header[IMAGE_HEADER_BYTES];
    cvy_status status = read_header(file, IMAGE_MAGIC, "images", header, sizeof header);
    if (status != CVY_OK)
        return status;

    uint32_t count = big_endian(header + 4);
    uint32_t rows = big_endian(header + 8), columns = big_endian(header + 12);
    size_t content;
    if (count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces 0 images", file->path);
    if (rows < 1 || rows > SIDE_MAX || columns < 1 || columns > SIDE_MAX)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: announces images of %u rows and %u columns, expected 1 to %d of each",
                        file->path, rows, columns, SIDE_MAX);
    if (!cvy_size_multiply(count, (size_t)rows * columns, &content))
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces %u images of %u x %u, an impossible size",
                        file->path, count, rows, columns);
    status = check_room(file, sizeof header, content);
    if (status == CVY_OK)
        status = cvy_memory_create(content, 1, &images->pixels);
    if (status == CVY_OK)
        status = read_content(file, images->pixels, content);
    images->count = count;
    *height = rows;
    *width = columns;
    return status;
}

cvy_status cvy_idx_read_images(const char *path, cvy_images *images, size_t *height, size_t *width)
{
    idx_file file;
    cvy_images found = { 0 };
    size_t found_height = 0, found_width = 0;

    cvy_status status = open_file(path, &file);
    if (status != CVY_OK)
        return status;
    status = read_image_stream(&file, &found, &found_height, &found_width);
    gzclose(file.stream);
    if (status != CVY_OK) {
        cvy_memory_free(found.pixels);
        return status;
    }
    *images = found;
    *height = found_height;
    *width = found_width;
    return CVY_OK;
}

static cvy_status read_label_stream(const idx_file *file, cvy_images *images)
{
    unsigned char header[LABEL_HEADER_BYTES];
    cvy_status status = read_header(file, LABEL_MAGIC, "labels", header, sizeof header);
    if (status != CVY_OK)
        return status;

    size_t count = big_endian(header + 4);
    if (count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: announces 0 labels", file->path);
    status = check_room(file, sizeof header, count);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *images->labels, &images->labels);
    if (status != CVY_OK)
        return status;

    /* The bytes go into the upper half of the array and are widened from there, front to back:
     * label i is written at bytes 2i and 2i + 1, never beyond byte count + i where it came from. */
    const unsigned char *bytes = (unsigned char *)images->labels + count;
    status = read_content(file, (unsigned char *)images->labels + count, count);
    for (size_t i = 0; i < count; i++)
        images->labels[i] = bytes[i];
    images->count = count;
    return status;
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

/* The spellings under which the files are found in the wild, in the order of preference. */
static const char *const spellings[] = { "%s/%s-idx%d-ubyte", "%s/%s.idx%d-ubyte",
                                         "%s/%s-idx%d-ubyte.gz", "%s/%s.idx%d-ubyte.gz" };

/* The path of `stem` ("train-images") in the folder, as text that the caller frees. */
static cvy_status find_file(const char *folder, const char *stem, int dimensions, char **path)
{
    size_t bytes = strlen(folder) + strlen(stem) + 32;
    cvy_status status = cvy_memory_create(bytes, 1, path);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        snprintf(*path, bytes, spellings[i], folder, stem, dimensions);
        if (access(*path, F_OK) == 0)
            return CVY_OK;
    }
    cvy_memory_free(*path);
    *path = NULL;
    return cvy_fail(CVY_ERR_OPEN,
                    "%s: no %s-idx%d-ubyte in this folder, nor %s.idx%d-ubyte, "
                    "nor either of them with .gz",
                    folder, stem, dimensions, stem, dimensions);
}

/* One split: `stem` is "train" or "t10k". */
static cvy_status read_split(const char *folder, const char *stem, cvy_images *split,
                             size_t *height, size_t *width)
{
    char name[16], *image_path = NULL, *label_path = NULL;
    cvy_images labelled = { 0 };

    snprintf(name, sizeof name, "%s-images", stem);
    cvy_status status = find_file(folder, name, 3, &image_path);
    snprintf(name, sizeof name, "%s-labels", stem);
    if (status == CVY_OK)
        status = find_file(folder, name, 1, &label_path);
    if (status == CVY_OK)
        status = cvy_idx_read_labels(label_path, &labelled);
    if (status == CVY_OK)
        status = cvy_idx_read_images(image_path, split, height, width);
    split->labels = labelled.labels;
    if (status == CVY_OK && labelled.count != split->count)
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu images, but %zu labels in %s", image_path,
                          split->count, labelled.count, label_path);
    cvy_memory_free(image_path);
    cvy_memory_free(label_path);
    return status;
}

static size_t largest_label(const cvy_images *split)
{
    size_t largest = 0;

    for (size_t i = 0; i < split->count; i++)
        if (split->labels[i] > largest)
            largest = split->labels[i];
    return largest;
}

/* Classes are called by their numbers: IDX knows no names. */
static cvy_status name_classes(const char *folder, cvy_dataset *dataset)
{
    size_t train = largest_label(&dataset->train), test = largest_label(&dataset->test);

    dataset->class_count = (train > test ? train : test) + 1;
    if (dataset->class_count < 2)
        return cvy_fail(CVY_ERR_DATA, "%s: every label is 0, expected at least two classes",
                        folder);
    cvy_status status = cvy_memory_create(dataset->class_count, sizeof *dataset->class_names,
                                          &dataset->class_names);
    for (size_t i = 0; status == CVY_OK && i < dataset->class_count; i++)
        snprintf(dataset->class_names[i], sizeof dataset->class_names[i], "%zu", i);
    return status;
}

static bool is_folder(const char *where)
{
    struct stat about;

    return stat(where, &about) == 0 && S_ISDIR(about.st_mode);
}

static cvy_status open_folder(const char *where, const void *settings, size_t threads,
                              cvy_dataset *dataset)
{
    size_t height = 0, width = 0;

    (void)settings;
    (void)threads; /* inflating is serial, and the training images are six sevenths of it */
    cvy_status status =
        read_split(where, "train", &dataset->train, &dataset->height, &dataset->width);
    if (status == CVY_OK)
        status = read_split(where, "t10k", &dataset->test, &height, &width);
    if (status != CVY_OK)
        return status;
    if (height != dataset->height || width != dataset->width)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: the training images are %zu x %zu, the test images %zu x %zu", where,
                        dataset->height, dataset->width, height, width);
    dataset->channels = 1;
    return name_classes(where, dataset);
}

const cvy_dataset_kind cvy_dataset_idx = {
    .kind = { .name = "idx", .summary = "a folder with the four IDX files of MNIST" },
    .recognises = is_folder,
    .open = open_folder,
};
