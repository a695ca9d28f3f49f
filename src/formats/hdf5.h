/* Read HDF5 as written by Keras, from memory: groups, float arrays, and text attributes. This is
 * h5py's default layout, common to HDF5 1.0 to 1.14:
 *
 *     superblock   version 0 or 1 (2 or 3 with groups of the old form): address of the root group
 *     group        object header with a message that names a B-tree (version 1) and a local heap;
 *                  leaves of the tree are symbol nodes: pairs of a name in the heap and an object
 *                  header
 *     array        object header with dataspace, datatype and layout: contiguous or compact
 *     attribute    message of an object header: fixed texts, or variable ones in a global heap
 *
 * Everything else (chunks, compression, groups of the new form, links) is refused with an error
 * message. Files are untrusted, so this is our own reader: it never reads outside the given bytes
 * and limits the number of objects and their depth. Source: HDF5 File Format Specification 3.0. */
#ifndef CVY_FORMATS_HDF5_H
#define CVY_FORMATS_HDF5_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { CVY_HDF5_RANK_MAX = 8 };

/* An array of floats of 16, 32 or 64 bits, or of another type, which cannot be read. */
typedef struct {
    char *path; /* path from the root, without a leading slash: "layers/conv2d/vars/0" */
    size_t rank, dims[CVY_HDF5_RANK_MAX];
    size_t count;       /* product of dims */
    size_t value_bytes; /* 2, 4 or 8; 0: no floats */
    const unsigned char *bytes;
} cvy_hdf5_array;

typedef struct cvy_hdf5 cvy_hdf5;

/**
 * Find all arrays of a file in memory, which must outlive the result.
 * name  begins the error messages
 * Returns CVY_ERR_FORMAT (no HDF5, damaged, cut short), CVY_ERR_UNSUPPORTED, CVY_ERR_MEMORY.
 */
cvy_status cvy_hdf5_parse(const char *name, const unsigned char *bytes, size_t size,
                          cvy_hdf5 **file);
void cvy_hdf5_close(cvy_hdf5 *file);

size_t cvy_hdf5_count(const cvy_hdf5 *file);
const cvy_hdf5_array *cvy_hdf5_array_at(const cvy_hdf5 *file, size_t index);

/** Return the array with this path, or NULL. */
const cvy_hdf5_array *cvy_hdf5_find(const cvy_hdf5 *file, const char *path);

/** Read its values: [array->count]. Returns CVY_ERR_UNSUPPORTED if they are no floats. */
cvy_status cvy_hdf5_read(const cvy_hdf5 *file, const cvy_hdf5_array *array, float *values);

/**
 * Read the texts of an attribute.
 * path   path of the group or array, "" for the root
 * texts  *texts is [*count], released with cvy_hdf5_free_texts(); *count is 0 if there is no such
 *        attribute
 * Returns CVY_ERR_FORMAT, CVY_ERR_UNSUPPORTED (no texts), CVY_ERR_MEMORY.
 */
cvy_status cvy_hdf5_attribute(cvy_hdf5 *file, const char *path, const char *name, char ***texts,
                              size_t *count);
void cvy_hdf5_free_texts(char **texts, size_t count);

#endif
