/* JSON values. A value that could not be made, for want of memory, is NULL, and so is whatever should have
 * held it: a caller checks once, at the end. */
#ifndef CVY_BASE_JSON_H
#define CVY_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>

/** A number, or null if it is not finite. */
json_t *cvy_json_number(double value);

json_t *cvy_json_count(size_t count);

/** A text, or null for NULL. If it is not UTF-8, as a file's name may be, every byte beyond ASCII becomes
 *  a '?'. */
json_t *cvy_json_text(const char *text);

/** Append a value, which is taken over. If that fails, or the value is NULL, *array is released and becomes
 *  NULL. */
void cvy_json_append(json_t **array, json_t *value);

/** Set a member likewise. */
void cvy_json_set(json_t **object, const char *key, json_t *value);

#endif
