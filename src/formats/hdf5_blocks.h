/* Shared by the parts of the HDF5 reader: bytes at an address, messages of an object header. */
#ifndef CVY_FORMATS_HDF5_BLOCKS_H
#define CVY_FORMATS_HDF5_BLOCKS_H

#include <stdbool.h>

#include "formats/hdf5.h"

enum { CVY_HDF5_ATTRIBUTE = 0x0c };

/* A group, by its address. */
typedef struct {
    char *path;
    uint64_t header;
} object;

struct cvy_hdf5 {
    char *name;
    const unsigned char *bytes;
    size_t size;
    cvy_hdf5_array *arrays;
    object *objects;
    size_t capacity, array_count, object_count, node_count;
};

/* A range of bytes of the file. */
typedef struct {
    const unsigned char *at;
    size_t size;
} cvy_hdf5_span;

/* A message of an object header. */
typedef struct {
    unsigned type;
    cvy_hdf5_span data;
} cvy_hdf5_message;

/* Called for each message; an error ends the walk. */
typedef cvy_status cvy_hdf5_message_function(cvy_hdf5 *file, const cvy_hdf5_message *m,
                                             void *context);

/** Read a little-endian number of up to 8 bytes. */
uint64_t cvy_hdf5_number(const unsigned char *at, size_t bytes);

/** Fail with "damaged HDF5: WHAT". */
cvy_status cvy_hdf5_fail(const char *what);

/** Return the bytes at an address; fail unless all of them are within the file. */
cvy_status cvy_hdf5_take(const cvy_hdf5 *file, uint64_t address, uint64_t size, const char *what,
                         cvy_hdf5_span *taken);

/** Count a node of any kind. Returns CVY_ERR_FORMAT when there are so many that the file must
 *  contain a cycle. */
cvy_status cvy_hdf5_count_node(cvy_hdf5 *file);

/** Read the dimensions and compute their product. */
cvy_status cvy_hdf5_dataspace(cvy_hdf5_span s, size_t *rank, size_t dims[CVY_HDF5_RANK_MAX],
                              size_t *count);

/** Visit all messages of the object header at an address. */
cvy_status cvy_hdf5_walk(cvy_hdf5 *file, uint64_t address, cvy_hdf5_message_function *function,
                         void *context);

/** Find the object header of a group or array; false if no object has this path. */
bool cvy_hdf5_header_of(const cvy_hdf5 *file, const char *path, uint64_t *header);

const char *cvy_hdf5_name(const cvy_hdf5 *file);

#endif
