/* The safetensors format: named tensors and texts in one file.
 *
 *     8 bytes        n, little-endian: length of the header, at most 100 MB
 *     n bytes        JSON object, padded with spaces:
 *                      "NAME": {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ...
 *                      "__metadata__": {"KEY": "TEXT", ...}
 *     the rest       the tensors' bytes, row-major, little-endian; offsets count from here; no
 *                      overlaps and no holes
 *
 * Source: the format's description in its reference implementation, safetensors 0.4. */
#ifndef CVY_FORMATS_SAFETENSORS_H
#define CVY_FORMATS_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CVY_SAFETENSORS_RANK_MAX = 8 };

/* A row-major tensor of float32. */
typedef struct {
    const char *name;
    size_t rank, dims[CVY_SAFETENSORS_RANK_MAX];
    const float *values;
} cvy_safetensor;

/* A metadata entry. */
typedef struct {
    const char *key, *text;
} cvy_safetensors_text;

/**
 * Write a file; the same content gives the same bytes. The file gets its name when it is complete.
 * Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_safetensors_write(const char *path, const cvy_safetensor *tensors,
                                 size_t tensor_count, const cvy_safetensors_text *texts,
                                 size_t text_count);

/** Produce the same bytes in memory, released with cvy_memory_free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_safetensors_print(const cvy_safetensor *tensors, size_t tensor_count,
                                 const cvy_safetensors_text *texts, size_t text_count,
                                 unsigned char **bytes, size_t *size);

typedef struct cvy_safetensors cvy_safetensors;

/**
 * Read a file and check its whole structure. Released with cvy_safetensors_close().
 * Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_safetensors_open(const char *path, cvy_safetensors **file);

/** Parse bytes in memory, which are copied; `name` begins the error messages. */
cvy_status cvy_safetensors_parse(const char *name, const unsigned char *bytes, size_t size,
                                 cvy_safetensors **file);

/** NULL is allowed. */
void cvy_safetensors_close(cvy_safetensors *file);

size_t cvy_safetensors_count(const cvy_safetensors *file);

/** Return the number of tensors whose names begin with `start`. */
size_t cvy_safetensors_count_named(const cvy_safetensors *file, const char *start);

/** Get name and shape of tensor `index`, in file order; false past the last. The name is valid
 *  while the file is open; values stays NULL. */
bool cvy_safetensors_entry(const cvy_safetensors *file, size_t index, cvy_safetensor *tensor);

/** Return the total size of all tensors in bytes. */
size_t cvy_safetensors_data_bytes(const cvy_safetensors *file);

/** Return a metadata text, or NULL. It is valid while the file is open. */
const char *cvy_safetensors_find_text(const cvy_safetensors *file, const char *key);

/**
 * Copy a tensor's floats.
 * tensor  the name, and the required shape; values is ignored
 * values  room for the product of the dims
 * Returns CVY_ERR_FORMAT (no such tensor), CVY_ERR_SHAPE, CVY_ERR_UNSUPPORTED (not float32).
 */
cvy_status cvy_safetensors_read(const cvy_safetensors *file, const cvy_safetensor *tensor,
                                float *values);

#endif
