/* Memory: checked sizes, cache-line alignment, and layouts planned before allocation. */
#ifndef CVY_BASE_MEMORY_H
#define CVY_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

enum { CVY_CACHE_LINE = 64 };

/** Round up to a multiple of CVY_CACHE_LINE bytes. */
static inline size_t cvy_round_to_line(size_t bytes)
{
    return (bytes + CVY_CACHE_LINE - 1) / CVY_CACHE_LINE * CVY_CACHE_LINE;
}

/** Set *product to a * b; false if that does not fit a size_t. */
static inline _Bool cvy_size_multiply(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

/**
 * Allocate count * size bytes, zeroed and aligned to a cache line; released with cvy_memory_free().
 * *memory is NULL on failure and for 0 bytes. Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_memory_create(size_t count, size_t size, void *memory);
void cvy_memory_free(void *memory);

/** Like cvy_memory_create(), but not zeroed: for memory that is written before it is read. */
cvy_status cvy_memory_create_raw(size_t count, size_t size, void *memory);

/** The machine's memory in bytes; SIZE_MAX if the system does not report it. */
size_t cvy_memory_installed(void);

/** Copy `text`; released with cvy_memory_free(). */
cvy_status cvy_text_copy(const char *text, char **copy);

/* A layout: offsets are assigned first, and the block is allocated once the total is known.
 * A total that overflows a size_t stays at SIZE_MAX, which no allocation satisfies. */
typedef struct {
    size_t bytes; /* assigned so far; start with 0 */
} cvy_layout;

/** Reserve count * size bytes in whole cache lines. Returns the offset from the start of the
 *  block. */
size_t cvy_layout_add(cvy_layout *layout, size_t count, size_t size);

/** The distance between the memory of two workers. Processors and BLAS kernels prefetch some rows
 *  past the end of a matrix; rows are kilobytes long, and each such prefetch would take a line away
 *  from the neighbor that is writing it. These bytes are never touched, so they cost no memory. */
enum { CVY_APART = 256 * 1024 };

#endif
