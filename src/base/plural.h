/* The plural of nouns in messages and reports. */
#ifndef CVY_BASE_PLURAL_H
#define CVY_BASE_PLURAL_H

#include <stddef.h>

/** The plural ending for a count: "1 seed", "2 seeds". */
static inline const char *cvy_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

#endif
