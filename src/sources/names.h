/* The distinct labels of a table, in order of appearance. */
#ifndef CVY_SOURCES_NAMES_H
#define CVY_SOURCES_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/intake.h"

typedef struct {
    char **texts; /* [count] */
    size_t count, room;
} cvy_names;

/** Add a text unless it is present; *place is its index. Returns CVY_ERR_DATA (more distinct texts
 *  than the class limit), CVY_ERR_MEMORY. */
cvy_status cvy_names_add(cvy_names *names, const char *text, size_t *place);

/** Return the index of the text, or names->count if it is absent. */
size_t cvy_names_find(const cvy_names *names, const char *text);

/**
 * Compute the class of each text: its value if all texts are integers (then *class_count is the
 * largest plus one), else its rank among the sorted texts.
 * place  [names->count]
 * Returns CVY_ERR_DATA for a number that is negative or too large.
 */
cvy_status cvy_names_order(const cvy_names *names, size_t *place, size_t *class_count,
                           bool *are_numbers);

/** Turn the labels of all parts, which are indices of texts, into classes and name these: integers are
 *  class numbers, anything else is a name. Returns CVY_ERR_DATA, CVY_ERR_MEMORY. */
cvy_status cvy_names_to_classes(const cvy_names *labels, cvy_intake *intake);

void cvy_names_release(cvy_names *names);

#endif
