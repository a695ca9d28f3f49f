/* Write a data set as a NumPy archive: x_train, y_train, ..., uncompressed. */
#include <assert.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/stop.h"
#include "data/writer.h"

enum {
    ENTRIES_MAX = 2 * CVY_PARTS + 1,
    NPY_HEADER_BYTES = 128,
    NPY_START_BYTES = 10,
    ROOM_BYTES = 1 << 18
};

/* One array of the archive. */
typedef struct {
    char name[32];
    uint32_t checksum, bytes, offset;
} entry;

static_assert(CVY_CLASS_NAME_BYTES == 64, "the type of class_names is |S64");

typedef struct {
    FILE *file;
    const cvy_dataset *dataset;
    entry entries[ENTRIES_MAX];
    size_t count;
    uint32_t position;
} archive;

static void put_le(archive *a, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        putc((int)(value >> (8 * i) & 255), a->file);
    a->position += (uint32_t)bytes;
}

static void put_bytes(archive *a, const void *bytes, size_t size)
{
    fwrite(bytes, 1, size, a->file);
    a->position += (uint32_t)size;
}

/* Called twice with all values of an array: to compute the checksum, which precedes them in the
 * file, and to write them. */
typedef void taking(archive *a, entry *e, const void *bytes, size_t size);

static void take_checksum(archive *a, entry *e, const void *bytes, size_t size)
{
    (void)a;
    e->checksum = (uint32_t)crc32(e->checksum, bytes, (uInt)size);
}

static void take_file(archive *a, entry *e, const void *bytes, size_t size)
{
    (void)e;
    put_bytes(a, bytes, size);
}

/* Output the header of an array. */
static void take_header(archive *a, entry *e, const char *type, const char *shape, taking *take)
{
    char header[NPY_HEADER_BYTES + 1];

    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\1\0", 8);
    header[8] = NPY_HEADER_BYTES - NPY_START_BYTES;
    header[9] = 0;
    const int used =
        snprintf(header + NPY_START_BYTES, sizeof header - NPY_START_BYTES,
                 "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    header[NPY_START_BYTES + used] = ' ';
    header[NPY_HEADER_BYTES - 1] = '\n';
    take(a, e, header, NPY_HEADER_BYTES);
}

/* Output "x" or "y" of a part: header and values. */
static void go_through(archive *a, entry *e, const cvy_images *images, bool is_pixels, taking *take)
{
    const cvy_dataset *d = a->dataset;
    const size_t bytes = cvy_dataset_image_bytes(d);
    char shape[80];

    if (!is_pixels)
        snprintf(shape, sizeof shape, "(%zu,)", images->count);
    else if (d->channels == 1)
        snprintf(shape, sizeof shape, "(%zu, %zu, %zu)", images->count, d->height, d->width);
    else
        snprintf(shape, sizeof shape, "(%zu, %zu, %zu, %zu)", images->count, d->height, d->width,
                 d->channels);
    take_header(a, e, is_pixels ? "|u1" : "<u2", shape, take);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++) {
        const unsigned char label[2] = { (unsigned char)images->labels[i],
                                         (unsigned char)(images->labels[i] >> 8) };
        if (is_pixels)
            take(a, e, cvy_images_at(images, bytes, i), bytes);
        else
            take(a, e, label, sizeof label);
    }
}

static void go_through_names(archive *a, entry *e, taking *take)
{
    char shape[80];

    snprintf(shape, sizeof shape, "(%zu,)", a->dataset->class_count);
    take_header(a, e, "|S64", shape, take);
    take(a, e, a->dataset->class_names, a->dataset->class_count * CVY_CLASS_NAME_BYTES);
}

/* Write the fields that precede an array and are repeated in the directory: 26 bytes, starting with
 * the version. */
static void put_about(archive *a, const entry *e)
{
    put_le(a, 20, 2); /* version 2.0 */
    put_le(a, 0, 2);
    put_le(a, 0, 2);    /* stored */
    put_le(a, 0, 2);    /* the time ... */
    put_le(a, 0x21, 2); /* ... and date, fixed at 1 January 1980 so that files are reproducible */
    put_le(a, e->checksum, 4);
    put_le(a, e->bytes, 4);
    put_le(a, e->bytes, 4);
    put_le(a, (uint32_t)strlen(e->name), 2);
    put_le(a, 0, 2);
}

static cvy_status add_array(archive *a, cvy_split split, bool is_pixels)
{
    const cvy_images *images = cvy_dataset_part_const(a->dataset, split);
    const uint64_t bytes =
        NPY_HEADER_BYTES +
        (uint64_t)images->count * (is_pixels ? cvy_dataset_image_bytes(a->dataset) : 2);
    entry *e = &a->entries[a->count++];

    if (a->position + bytes > UINT32_MAX - ROOM_BYTES)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: more than 4 GiB, which .npz files of convoy do not "
                        "hold\nthe format packed has no limit",
                        a->dataset->name);
    *e = (entry){ .bytes = (uint32_t)bytes, .offset = a->position };
    snprintf(e->name, sizeof e->name, "%c_%s.npy", is_pixels ? 'x' : 'y',
             split == CVY_SPLIT_VALIDATION ? "val" : cvy_writer_part_name(split));
    go_through(a, e, images, is_pixels, take_checksum);
    put_le(a, 0x04034b50, 4);
    put_about(a, e);
    put_bytes(a, e->name, strlen(e->name));
    go_through(a, e, images, is_pixels, take_file);
    return CVY_OK;
}

/* Add the class names, unless they are just numbers. */
static void add_names(archive *a)
{
    entry *e = &a->entries[a->count++];

    *e = (entry){ .name = "class_names.npy",
                  .bytes =
                      NPY_HEADER_BYTES + (uint32_t)(a->dataset->class_count * CVY_CLASS_NAME_BYTES),
                  .offset = a->position };
    go_through_names(a, e, take_checksum);
    put_le(a, 0x04034b50, 4);
    put_about(a, e);
    put_bytes(a, e->name, strlen(e->name));
    go_through_names(a, e, take_file);
}

static void put_list(archive *a)
{
    const uint32_t start = a->position;

    for (size_t i = 0; i < a->count; i++) {
        const entry *e = &a->entries[i];
        put_le(a, 0x02014b50, 4);
        put_le(a, 20, 2);
        put_about(a, e);
        put_le(a, 0, 2); /* comment */
        put_le(a, 0, 2); /* disk */
        put_le(a, 0, 2); /* attributes */
        put_le(a, 0, 4);
        put_le(a, e->offset, 4);
        put_bytes(a, e->name, strlen(e->name));
    }
    const uint32_t bytes = a->position - start;
    put_le(a, 0x06054b50, 4);
    put_le(a, 0, 4);
    put_le(a, (uint32_t)a->count, 2);
    put_le(a, (uint32_t)a->count, 2);
    put_le(a, bytes, 4);
    put_le(a, start, 4);
    put_le(a, 0, 2);
}

static cvy_status write_file(const cvy_dataset *dataset, const char *path, size_t threads)
{
    archive a = { .dataset = dataset };
    cvy_status status = cvy_writer_open(path, NULL, &a.file);

    (void)threads;
    if (status != CVY_OK)
        return status;
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        if (cvy_dataset_count(dataset, (cvy_split)p) == 0)
            continue;
        status = add_array(&a, (cvy_split)p, true);
        if (status == CVY_OK)
            status = add_array(&a, (cvy_split)p, false);
    }
    if (status == CVY_OK && dataset->has_class_names)
        add_names(&a);
    put_list(&a);
    cvy_writer_close(a.file, path, NULL, &status);
    return status;
}

const cvy_dataset_writer cvy_writer_npz = {
    .name = "npz",
    .summary = "a NumPy archive with x_train, y_train, ... and class_names",
    .content = CVY_CONTENT_ZIP,
    .write = write_file,
};
