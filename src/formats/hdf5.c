#include "formats/hdf5_blocks.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/minmax.h"

enum {
    DEPTH_MAX = 32,
    OBJECTS_MAX = 20000, /* limit on groups and arrays */
    SYMBOL_BYTES = 40,
    PATH_BYTES_MAX = 1024,
};

/* Message types of an object header. */
enum {
    DATASPACE = 0x01,
    LINK_INFO = 0x02,
    DATATYPE = 0x03,
    LINK = 0x06,
    LAYOUT = 0x08,
    FILTERS = 0x0b,
    SYMBOL_TABLE = 0x11,
};

enum { CLASS_FLOAT = 1 };

static const uint64_t nowhere = UINT64_MAX;

typedef cvy_hdf5_span span;
typedef cvy_hdf5_message message;

/* --- arrays --- */

/* Size of a little-endian IEEE float; 0 for every other type. */
static size_t float_bytes(span s)
{
    static const struct {
        size_t bytes;
        unsigned char
            form[12]; /* bit offset, precision; exponent, mantissa: position and size; bias */
    } floats[] = {
        { 2, { 0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0 } },
        { 4, { 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0 } },
        { 8, { 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0 } },
    };

    if (s.size < 20 || (s.at[0] & 15) != CLASS_FLOAT || (s.at[1] & 0x41) != 0)
        return 0;
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        if (cvy_hdf5_number(s.at + 4, 4) == floats[i].bytes &&
            memcmp(s.at + 8, floats[i].form, 12) == 0)
            return floats[i].bytes;
    return 0;
}

/* The content of an object header: a group, an array or neither. */
typedef struct {
    bool is_group, has_space, has_type, has_layout;
    uint64_t tree, heap;
    cvy_hdf5_array array;
    size_t type_bytes;
    span layout;
} description;

static cvy_status describe(cvy_hdf5 *file, const message *m, void *context)
{
    description *d = context;

    (void)file;
    switch (m->type) {
    case SYMBOL_TABLE:
        if (m->data.size < 16)
            return cvy_hdf5_fail("a group");
        d->is_group = true;
        d->tree = cvy_hdf5_number(m->data.at, 8);
        d->heap = cvy_hdf5_number(m->data.at + 8, 8);
        return CVY_OK;
    case LINK_INFO:
    case LINK:
        return cvy_fail(CVY_ERR_UNSUPPORTED, "HDF5 with groups of the newer form is not read; "
                                             "save the file without track_order");
    case DATASPACE:
        d->has_space = true;
        return cvy_hdf5_dataspace(m->data, &d->array.rank, d->array.dims, &d->array.count);
    case DATATYPE:
        if (m->data.size < 8)
            return cvy_hdf5_fail("a datatype");
        d->has_type = true;
        d->type_bytes = cvy_hdf5_number(m->data.at + 4, 4);
        d->array.value_bytes = float_bytes(m->data);
        return CVY_OK;
    case LAYOUT:
        d->has_layout = true;
        d->layout = m->data;
        return CVY_OK;
    case FILTERS:
        return cvy_fail(CVY_ERR_UNSUPPORTED, "a compressed array is not read; save the file "
                                             "without compression, as Keras does");
    default:
        return CVY_OK;
    }
}

/* Locate an array's values: contiguous, in the file or in the message. */
static cvy_status find_values(const cvy_hdf5 *file, description *d)
{
    enum { COMPACT, CONTIGUOUS };
    const span l = d->layout;
    size_t bytes;
    span values;
    cvy_status status = CVY_OK;

    if (!cvy_size_multiply(d->array.count, d->type_bytes, &bytes))
        return cvy_hdf5_fail("the size of an array");
    if (bytes == 0)
        return CVY_OK;
    if (l.size < 4 || (l.at[0] != 3 && l.at[0] != 4))
        return cvy_fail(CVY_ERR_UNSUPPORTED, "an array of an unknown layout is not read");
    if (l.at[1] == COMPACT) {
        if (cvy_hdf5_number(l.at + 2, 2) > l.size - 4 || cvy_hdf5_number(l.at + 2, 2) < bytes)
            return cvy_hdf5_fail("a compact array");
        values = (span){ l.at + 4, bytes };
    } else if (l.at[1] == CONTIGUOUS) {
        if (l.size < 18 || cvy_hdf5_number(l.at + 10, 8) < bytes)
            return cvy_hdf5_fail("the size of an array");
        if (cvy_hdf5_number(l.at + 2, 8) == nowhere)
            return cvy_fail(CVY_ERR_FORMAT, "an array was never written");
        status = cvy_hdf5_take(file, cvy_hdf5_number(l.at + 2, 8), bytes, "an array", &values);
    } else {
        return cvy_fail(CVY_ERR_UNSUPPORTED, "an array in chunks is not read; save the file "
                                             "without chunks or compression, as Keras does");
    }
    if (status == CVY_OK)
        d->array.bytes = values.at;
    return status;
}

/* --- groups --- */

static cvy_status add_object(cvy_hdf5 *file, const char *path, uint64_t address, size_t depth);

/* Join a group's path and a name in the local heap. */
static cvy_status make_path(span heap, uint64_t offset, const char *parent,
                            char path[PATH_BYTES_MAX])
{
    if (offset >= heap.size || memchr(heap.at + offset, 0, heap.size - offset) == NULL)
        return cvy_hdf5_fail("a name");
    const char *name = (const char *)heap.at + offset;
    const int length =
        snprintf(path, PATH_BYTES_MAX, "%s%s%s", parent, *parent != '\0' ? "/" : "", name);
    return length < PATH_BYTES_MAX ? CVY_OK : cvy_hdf5_fail("a path that is too long");
}

static cvy_status read_symbols(cvy_hdf5 *file, uint64_t address, span heap, const char *parent,
                               size_t depth)
{
    enum { PREFIX = 8, ENTRY = SYMBOL_BYTES, IS_LINK = 2 };
    char path[PATH_BYTES_MAX];
    span head, entries;
    cvy_status status = cvy_hdf5_take(file, address, PREFIX, "a symbol node", &head);

    if (status == CVY_OK && memcmp(head.at, "SNOD", 4) != 0)
        status = cvy_hdf5_fail("a symbol node");
    if (status != CVY_OK)
        return status;
    status = cvy_hdf5_take(file, address + PREFIX, cvy_hdf5_number(head.at + 6, 2) * ENTRY,
                           "a symbol node", &entries);
    for (; status == CVY_OK && entries.size >= ENTRY;
         entries = (span){ entries.at + ENTRY, entries.size - ENTRY }) {
        status = cvy_hdf5_count_node(file);
        if (status != CVY_OK || cvy_hdf5_number(entries.at + 16, 4) == IS_LINK)
            continue;
        status = make_path(heap, cvy_hdf5_number(entries.at, 8), parent, path);
        if (status == CVY_OK)
            status = add_object(file, path, cvy_hdf5_number(entries.at + 8, 8), depth + 1);
    }
    return status;
}

static cvy_status read_tree(cvy_hdf5 *file, uint64_t address, span heap, const char *parent,
                            size_t depth, size_t level_above)
{
    enum { PREFIX = 24, PAIR = 16 };
    span head, pairs;
    cvy_status status = cvy_hdf5_take(file, address, PREFIX, "a tree", &head);

    if (status == CVY_OK && (memcmp(head.at, "TREE", 4) != 0 || head.at[4] != 0 ||
                             head.at[5] >= level_above)) /* levels fall, so it ends */
        status = cvy_hdf5_fail("a tree");
    if (status == CVY_OK)
        status = cvy_hdf5_count_node(file);
    if (status == CVY_OK)
        status = cvy_hdf5_take(file, address + PREFIX, cvy_hdf5_number(head.at + 6, 2) * PAIR,
                               "a tree", &pairs);
    for (; status == CVY_OK && pairs.size >= PAIR;
         pairs = (span){ pairs.at + PAIR, pairs.size - PAIR }) {
        const uint64_t child = cvy_hdf5_number(pairs.at + 8, 8); /* after its key */
        status = head.at[5] > 0 ? read_tree(file, child, heap, parent, depth, head.at[5])
                                : read_symbols(file, child, heap, parent, depth);
    }
    return status;
}

static cvy_status read_group(cvy_hdf5 *file, const description *d, const char *path, size_t depth)
{
    enum { PREFIX = 32, LEVELS_MAX = 16 };
    span head, heap;
    cvy_status status = cvy_hdf5_take(file, d->heap, PREFIX, "a heap", &head);

    if (status == CVY_OK && memcmp(head.at, "HEAP", 4) != 0)
        status = cvy_hdf5_fail("a heap");
    if (status == CVY_OK)
        status = cvy_hdf5_take(file, cvy_hdf5_number(head.at + 24, 8),
                               cvy_hdf5_number(head.at + 8, 8), "a heap", &heap);
    return status == CVY_OK ? read_tree(file, d->tree, heap, path, depth, LEVELS_MAX) : status;
}

static cvy_status add_array(cvy_hdf5 *file, description *d, const char *path)
{
    cvy_status status = find_values(file, d);

    if (status != CVY_OK)
        return status;
    cvy_hdf5_array *array = &file->arrays[file->array_count++];
    *array = d->array;
    return cvy_text_copy(path, &array->path);
}

static cvy_status add_object(cvy_hdf5 *file, const char *path, uint64_t address, size_t depth)
{
    description d = { .is_group = false };

    if (depth > DEPTH_MAX || file->object_count == file->capacity)
        return cvy_hdf5_fail("groups in groups without end");
    object *added = &file->objects[file->object_count++];
    added->header = address;
    cvy_status status = cvy_text_copy(path, &added->path);
    if (status == CVY_OK)
        status = cvy_hdf5_walk(file, address, describe, &d);
    if (status == CVY_OK && d.is_group)
        status = read_group(file, &d, path, depth);
    else if (status == CVY_OK && d.has_space && d.has_type && d.has_layout)
        status = add_array(file, &d, path);
    return status;
}

/* --- the file --- */

static const unsigned char signature[8] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n' };

/* Addresses are offsets from the start of the file, eight bytes each. */
static cvy_status find_root(const cvy_hdf5 *file, uint64_t *root)
{
    enum { LEAST = 48, OLD = 96, NEW_VERSION = 2 };
    const unsigned char *b = file->bytes;

    if (file->size < LEAST || memcmp(b, signature, sizeof signature) != 0)
        return cvy_fail(CVY_ERR_FORMAT, "not an HDF5 file, or a truncated one");
    const unsigned version = b[8];
    const bool is_old = version < NEW_VERSION;
    const size_t widths = is_old ? 13 : 9, base = is_old ? (version == 0 ? 24 : 28) : 12;
    const size_t root_at = is_old ? base + 40 : 36;
    if (version > 3 || b[widths] != 8 || b[widths + 1] != 8 || (is_old && file->size < OLD + 4))
        return cvy_fail(CVY_ERR_UNSUPPORTED, "HDF5 of another form is not read (superblock %u)",
                        version);
    if (cvy_hdf5_number(b + base, 8) != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "HDF5 behind other data is not read");
    *root = cvy_hdf5_number(b + root_at, 8);
    return CVY_OK;
}

cvy_status cvy_hdf5_parse(const char *name, const unsigned char *bytes, size_t size,
                          cvy_hdf5 **file)
{
    uint64_t root = 0;
    cvy_hdf5 *opened;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    if (status != CVY_OK)
        return status;
    opened->bytes = bytes;
    opened->size = size;
    /* each object except the root has its own symbol */
    opened->capacity = cvy_min(size / SYMBOL_BYTES + 1, OBJECTS_MAX);
    status = cvy_text_copy(name, &opened->name);
    if (status == CVY_OK)
        status = cvy_memory_create(opened->capacity, sizeof *opened->objects, &opened->objects);
    if (status == CVY_OK)
        status = cvy_memory_create(opened->capacity, sizeof *opened->arrays, &opened->arrays);
    if (status == CVY_OK)
        status = find_root(opened, &root);
    if (status == CVY_OK)
        status = add_object(opened, "", root, 0);
    if (status != CVY_OK) {
        cvy_hdf5_close(opened);
        return cvy_fail_at(status, "%s", name);
    }
    *file = opened;
    return CVY_OK;
}

void cvy_hdf5_close(cvy_hdf5 *file)
{
    if (file == NULL)
        return;
    for (size_t i = 0; i < file->array_count; i++)
        cvy_memory_free(file->arrays[i].path);
    for (size_t i = 0; i < file->object_count; i++)
        cvy_memory_free(file->objects[i].path);
    cvy_memory_free(file->arrays);
    cvy_memory_free(file->objects);
    cvy_memory_free(file->name);
    cvy_memory_free(file);
}

size_t cvy_hdf5_count(const cvy_hdf5 *file)
{
    return file->array_count;
}

const cvy_hdf5_array *cvy_hdf5_array_at(const cvy_hdf5 *file, size_t index)
{
    return index < file->array_count ? &file->arrays[index] : NULL;
}

const cvy_hdf5_array *cvy_hdf5_find(const cvy_hdf5 *file, const char *path)
{
    for (size_t i = 0; i < file->array_count; i++)
        if (strcmp(file->arrays[i].path, path) == 0)
            return &file->arrays[i];
    return NULL;
}

/* IEEE 754 binary16: sign, 5 exponent bits, 10 mantissa bits. */
static float half_value(unsigned bits)
{
    const unsigned exponent = bits >> 10 & 31, mantissa = bits & 1023;
    const uint32_t sign = (uint32_t)(bits >> 15) << 31;
    uint32_t wide;
    float value;

    if (exponent == 0) { /* 0 and subnormal numbers, below 2^-14 */
        value = (float)mantissa * 0x1p-24F;
        memcpy(&wide, &value, sizeof wide);
        wide |= sign;
    } else {
        wide = sign | (uint32_t)(exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    }
    memcpy(&value, &wide, sizeof value);
    return value;
}

cvy_status cvy_hdf5_read(const cvy_hdf5 *file, const cvy_hdf5_array *array, float *values)
{
    double wide;

    if (array->value_bytes == 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: %s: expected floats of 16, 32 or 64 bits, the lowest byte first",
                        file->name, array->path);
    for (size_t i = 0; i < array->count; i++) {
        const unsigned char *from = array->bytes + i * array->value_bytes;
        if (array->value_bytes == 4)
            memcpy(&values[i], from, sizeof *values);
        else if (array->value_bytes == 2)
            values[i] = half_value((unsigned)cvy_hdf5_number(from, 2));
        else {
            memcpy(&wide, from, sizeof wide);
            values[i] = (float)wide;
        }
    }
    return CVY_OK;
}
