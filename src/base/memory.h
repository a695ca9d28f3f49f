/* Memory: checked sizes, whole cache lines, and a layout planned before anything is allocated. */
#ifndef CVY_BASE_MEMORY_H
#define CVY_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

enum { CVY_CACHE_LINE = 64 };

/** n rounded up to a multiple of CVY_CACHE_LINE bytes. */
static inline size_t cvy_round_to_line(size_t bytes)
{
    return (bytes + CVY_CACHE_LINE - 1) / CVY_CACHE_LINE * CVY_CACHE_LINE;
}

/** a * b in *product; false when that does not fit a size_t. */
static inline _Bool cvy_size_multiply(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

/**
 * count * size bytes, zeroed and aligned to a cache line; released with cvy_memory_free().
 * *memory is NULL on failure and for no bytes. Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_memory_create(size_t count, size_t size, void *memory);
void cvy_memory_free(void *memory);

/** The same without zeros, for what is written before it is read. */
cvy_status cvy_memory_create_raw(size_t count, size_t size, void *memory);

/** How much memory this machine has, in bytes; SIZE_MAX where the system does not say. */
size_t cvy_memory_installed(void);

/** A copy of `text`, released with cvy_memory_free(); *copy is a char pointer. */
cvy_status cvy_text_copy(const char *text, char **copy);

/* A layout: offsets are handed out first, the block is allocated once the total is known.
 * A total that does not fit a size_t sticks at SIZE_MAX, which no allocation grants. */
typedef struct {
    size_t bytes; /* what has been handed out so far; start with 0 */
} cvy_layout;

/** Room for count * size bytes, on whole cache lines; its offset from the start of the block. */
size_t cvy_layout_add(cvy_layout *layout, size_t count, size_t size);

/** What lies between the memory of one worker and the next one's. Processors and BLAS kernels fetch
 *  some rows further than a matrix goes; rows are kilobytes long, and each such fetch would take a line
 *  away from the neighbour that is writing it. Nothing touches these bytes, so they cost no memory. */
enum { CVY_APART = 256 * 1024 };

#endif
