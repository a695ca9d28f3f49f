/* Building JSON without overlooking a failure. A value that could not be made, for lack of memory, is NULL,
 * and so becomes whatever should have held it: a caller checks once, at the end. jansson's own setters
 * report failures by results that are easily dropped. */
#ifndef CVY_BASE_JSON_H
#define CVY_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/** A number, or null if it is not finite, since JSON has no NaN. */
json_t *cvy_json_number(double value);

json_t *cvy_json_count(size_t count);

/** A text from outside, with U+FFFD for each byte that is not UTF-8; null for NULL. */
json_t *cvy_json_text(const char *text);

/** Append a value, which is taken over. If that fails, or the value is NULL, *array is released and becomes
 *  NULL. */
void cvy_json_append(json_t **array, json_t *value);

/** Set a member likewise. */
void cvy_json_set(json_t **object, const char *key, json_t *value);

/**
 * Print a document, which is released, into a text; NULL for it is an earlier failure.
 * flags  jansson's, for instance JSON_INDENT(2)
 * what   starts the sentence of a failure
 * text   the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text);

#endif
