/* Building JSON without overlooking a failure. jansson reports a failed allocation by a return value
 * that is easily dropped, and the document then lacks a member or is cut short. Here every result must
 * be used, and the functions that invite dropping it cannot be called at all. */
#ifndef CVY_BASE_JSON_H
#define CVY_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/** Add a member. Takes over `value`, also on failure. False when `object` or `value` is NULL (an earlier
 *  failure) or memory is short. Calls are chained with &&. */
__attribute__((warn_unused_result)) bool cvy_json_put(json_t *object, const char *key,
                                                      json_t *value);

/** Append an element; likewise. */
__attribute__((warn_unused_result)) bool cvy_json_append(json_t *array, json_t *value);

/** A text from outside, with U+FFFD for each byte that is not UTF-8: fails (NULL) for lack of memory
 *  only. NULL becomes null. */
json_t *cvy_json_text(const char *text);

/** A number, or null where it is not finite, since JSON has no NaN. */
json_t *cvy_json_number(double value);

/** `document` if is_whole, else NULL after releasing it. */
json_t *cvy_json_finish(json_t *document, bool is_whole);

/**
 * Print a document into one text, and release the document; NULL for it is an earlier failure.
 * flags  jansson's, for instance JSON_INDENT(2)
 * what   starts the sentence of a failure
 * text   the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text);

#endif
