/* The smaller and the larger of two counts. */
#ifndef CVY_BASE_MINMAX_H
#define CVY_BASE_MINMAX_H

#include <stddef.h>

static inline size_t cvy_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t cvy_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
