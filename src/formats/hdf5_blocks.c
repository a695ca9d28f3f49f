#include "formats/hdf5_blocks.h"

#include <string.h>

#include "base/memory.h"

enum {
    NODES_MAX = 100000, /* limit on message blocks, tree nodes and symbol nodes */
    BLOCKS_MAX = 32,    /* limit on nested continuations */
    CONTINUATION = 0x10,
};

typedef cvy_hdf5_span span;
typedef cvy_hdf5_message message;

uint64_t cvy_hdf5_number(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

cvy_status cvy_hdf5_fail(const char *what)
{
    return cvy_fail(CVY_ERR_FORMAT, "damaged HDF5: %s", what);
}

cvy_status cvy_hdf5_take(const cvy_hdf5 *file, uint64_t address, uint64_t size, const char *what,
                         span *taken)
{
    if (address > file->size || size > file->size - address)
        return cvy_fail(CVY_ERR_FORMAT,
                        "damaged HDF5: %s lies at %llu and takes %llu bytes, the file has %zu",
                        what, (unsigned long long)address, (unsigned long long)size, file->size);
    *taken = (span){ file->bytes + address, (size_t)size };
    return CVY_OK;
}

cvy_status cvy_hdf5_count_node(cvy_hdf5 *file)
{
    return ++file->node_count <= NODES_MAX ? CVY_OK : cvy_hdf5_fail("it never ends");
}

bool cvy_hdf5_header_of(const cvy_hdf5 *file, const char *path, uint64_t *header)
{
    for (size_t i = 0; i < file->object_count; i++)
        if (strcmp(file->objects[i].path, path) == 0) {
            *header = file->objects[i].header;
            return true;
        }
    return false;
}

const char *cvy_hdf5_name(const cvy_hdf5 *file)
{
    return file->name;
}

static cvy_status walk_block(cvy_hdf5 *file, span block, size_t depth, size_t *left,
                             cvy_hdf5_message_function *function, void *context);

static cvy_status follow(cvy_hdf5 *file, const message *m, size_t depth, size_t *left,
                         cvy_hdf5_message_function *function, void *context)
{
    span block;

    if (m->data.size < 16 || depth == BLOCKS_MAX)
        return cvy_hdf5_fail("a continuation");
    cvy_status status = cvy_hdf5_take(file, cvy_hdf5_number(m->data.at, 8),
                                      cvy_hdf5_number(m->data.at + 8, 8), "a continuation", &block);
    return status == CVY_OK ? walk_block(file, block, depth + 1, left, function, context) : status;
}

static cvy_status walk_block(cvy_hdf5 *file, span block, size_t depth, size_t *left,
                             cvy_hdf5_message_function *function, void *context)
{
    enum { PREFIX = 8 };
    cvy_status status = cvy_hdf5_count_node(file);

    while (status == CVY_OK && *left > 0 && block.size >= PREFIX) {
        const size_t size = cvy_hdf5_number(block.at + 2, 2);
        const message m = { (unsigned)cvy_hdf5_number(block.at, 2), { block.at + PREFIX, size } };
        if (size > block.size - PREFIX)
            return cvy_hdf5_fail("a message is longer than its block");
        if ((block.at[4] & 2) != 0)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "HDF5 with shared messages is not read");
        block = (span){ block.at + PREFIX + size, block.size - PREFIX - size };
        --*left;
        status = m.type == CONTINUATION ? follow(file, &m, depth, left, function, context)
                                        : function(file, &m, context);
    }
    return status;
}

cvy_status cvy_hdf5_walk(cvy_hdf5 *file, uint64_t address, cvy_hdf5_message_function *function,
                         void *context)
{
    enum { PREFIX = 16 };
    span head, block;
    cvy_status status = cvy_hdf5_take(file, address, PREFIX, "an object header", &head);

    if (status != CVY_OK)
        return status;
    if (memcmp(head.at, "OHDR", 4) == 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "HDF5 in its newer layout is not read; save the file with h5py's default "
                        "libver, as Keras does");
    if (head.at[0] != 1)
        return cvy_hdf5_fail("an object header of unknown version");
    size_t left = cvy_hdf5_number(head.at + 2, 2);
    status = cvy_hdf5_take(file, address + PREFIX, cvy_hdf5_number(head.at + 8, 4),
                           "an object header", &block);
    return status == CVY_OK ? walk_block(file, block, 0, &left, function, context) : status;
}

/* Dataspace versions 1 and 2. A scalar has no dimensions and one value. */
cvy_status cvy_hdf5_dataspace(span s, size_t *rank, size_t dims[CVY_HDF5_RANK_MAX], size_t *count)
{
    if (s.size < 4 || (s.at[0] != 1 && s.at[0] != 2))
        return cvy_hdf5_fail("a dataspace");
    const size_t begin = s.at[0] == 1 ? 8 : 4;
    *rank = s.at[1];
    if (*rank > CVY_HDF5_RANK_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "an array of %zu dimensions, expected at most %d",
                        *rank, CVY_HDF5_RANK_MAX);
    if (s.size < begin + 8 * *rank)
        return cvy_hdf5_fail("a dataspace");
    *count = s.at[0] == 2 && s.at[3] == 2 ? 0 : 1; /* type 2: null, without values */
    for (size_t d = 0; d < *rank; d++) {
        const uint64_t side = cvy_hdf5_number(s.at + begin + 8 * d, 8);
        if (side > SIZE_MAX || !cvy_size_multiply(*count, (size_t)side, count))
            return cvy_hdf5_fail("the sides of an array");
        dims[d] = (size_t)side;
    }
    return CVY_OK;
}
