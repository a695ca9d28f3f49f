/* The different labels of a table, in the order in which they appear. */
#ifndef CVY_SOURCES_NAMES_H
#define CVY_SOURCES_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    char **texts; /* [count] */
    size_t count, room;
} cvy_names;

/** Add a text unless it is there; *place is where it is. Returns CVY_ERR_DATA (more different ones
 *  than classes are allowed), CVY_ERR_MEMORY. */
cvy_status cvy_names_add(cvy_names *names, const char *text, size_t *place);

/** Where the text is; names->count: nowhere. */
size_t cvy_names_find(const cvy_names *names, const char *text);

/**
 * The class of each text: its number where all texts are whole numbers (then *class_count is the
 * largest plus one), else its rank among the sorted texts.
 * place  [names->count]
 * Returns CVY_ERR_DATA for a number that is negative or too large.
 */
cvy_status cvy_names_order(const cvy_names *names, size_t *place, size_t *class_count,
                           bool *are_numbers);

void cvy_names_release(cvy_names *names);

#endif
