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

/* A tensor of float32, row-major. */
typedef struct {
    const char *name;
    size_t rank, dims[CVY_SAFETENSORS_RANK_MAX];
    const float *values;
} cvy_safetensor;

/* One entry of the metadata. */
typedef struct {
    const char *key, *text;
} cvy_safetensors_text;

/**
 * Write a file; the same content gives the same bytes. It appears under its name when it is
 * complete. Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_safetensors_write(const char *path, const cvy_safetensor *tensors,
                                 size_t tensor_count, const cvy_safetensors_text *texts,
                                 size_t text_count);

/** The same bytes in memory, released with cvy_memory_free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_safetensors_print(const cvy_safetensor *tensors, size_t tensor_count,
                                 const cvy_safetensors_text *texts, size_t text_count,
                                 unsigned char **bytes, size_t *size);

typedef struct cvy_safetensors cvy_safetensors;

/**
 * Read a file and check all of its structure. Released with cvy_safetensors_close().
 * Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_safetensors_open(const char *path, cvy_safetensors **file);

/** The same for bytes in memory, which are copied; `name` begins the sentences. */
cvy_status cvy_safetensors_parse(const char *name, const unsigned char *bytes, size_t size,
                                 cvy_safetensors **file);

/** NULL is allowed. */
void cvy_safetensors_close(cvy_safetensors *file);

size_t cvy_safetensors_count(const cvy_safetensors *file);

/** How many tensors have names that begin with `start`. */
size_t cvy_safetensors_count_named(const cvy_safetensors *file, const char *start);

/** Name and shape of tensor number `index`, in the order of their places in the file; false past the last.
 *  The name lives as long as the file is open; values stays NULL. */
bool cvy_safetensors_entry(const cvy_safetensors *file, size_t index, cvy_safetensor *tensor);

/** Bytes of all tensors together. */
size_t cvy_safetensors_data_bytes(const cvy_safetensors *file);

/** A text of the metadata, or NULL. Lives as long as the file is open. */
const char *cvy_safetensors_find_text(const cvy_safetensors *file, const char *key);

/**
 * Copy a tensor's floats.
 * tensor  its name, and the shape it must have; values is not looked at
 * values  room for the product of the dims
 * Returns CVY_ERR_FORMAT (no such tensor), CVY_ERR_SHAPE, CVY_ERR_UNSUPPORTED (not float32).
 */
cvy_status cvy_safetensors_read(const cvy_safetensors *file, const cvy_safetensor *tensor,
                                float *values);

#endif
