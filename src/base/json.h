/* JSON without lost errors. A value that could not be allocated is NULL, and so is everything that
 * should have contained it, so a caller checks once, at the end. jansson's own setters report
 * failures by results that are easily ignored. */
#ifndef CVY_BASE_JSON_H
#define CVY_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Ignoring the result of these functions is a compiler error. Source files include this header
 * instead of jansson.h, and print and parse with the functions below (tests/check-layers.sh). */
#define CVY_RESULT_COUNTS __attribute__((warn_unused_result))
int json_object_set_new(json_t *object, const char *key, json_t *value) CVY_RESULT_COUNTS;
int json_array_append_new(json_t *array, json_t *value) CVY_RESULT_COUNTS;
int json_dumpf(const json_t *json, FILE *output, size_t flags) CVY_RESULT_COUNTS;
int json_dumpfd(const json_t *json, int output, size_t flags) CVY_RESULT_COUNTS;
int json_dump_file(const json_t *json, const char *path, size_t flags) CVY_RESULT_COUNTS;
int json_object_update(json_t *object, json_t *other) CVY_RESULT_COUNTS;
int json_array_extend(json_t *array, json_t *other) CVY_RESULT_COUNTS;

/** A number, or null if it is not finite, because JSON has no NaN. */
json_t *cvy_json_number(double value);

json_t *cvy_json_count(size_t count);

/** A list of numbers, each converted by `make`, for instance cvy_json_number(). */
json_t *cvy_json_numbers(const double *values, size_t count, json_t *(*make)(double value));

/** An external text, with U+FFFD for each byte that is not UTF-8; null for NULL. */
json_t *cvy_json_text(const char *text);

/** Append a value and take ownership of it. If that fails, or the value is NULL, *array is released
 *  and set to NULL. */
void cvy_json_append(json_t **array, json_t *value);

/** Set a member and take ownership of the value. If that fails, or it is NULL, *object is released
 *  and set to NULL. */
void cvy_json_set(json_t **object, const char *key, json_t *value);

/**
 * Print a value. If memory is short, jansson's json_dumps() may omit the name of a member and still
 * report success.
 * Returns the text, which the caller frees with free(); NULL if memory is short or json is NULL.
 */
char *cvy_json_dump(const json_t *json, size_t flags);

/**
 * Parse a text of `size` bytes, a NUL-terminated text, or a file. If memory is short, jansson's own
 * functions may omit characters of a string and still report success.
 * flags   jansson's, for instance JSON_REJECT_DUPLICATES
 * error   receives the place and the reason, "out of memory" among them; may be NULL
 * Returns NULL after a failure.
 */
json_t *cvy_json_load(const char *text, size_t size, size_t flags, json_error_t *error);
/** What to do about a text that is no JSON, from jansson's sentence about it; NULL: unknown. */
const char *cvy_json_advice(const char *sentence);

json_t *cvy_json_load_text(const char *text, size_t flags, json_error_t *error);
json_t *cvy_json_load_file(const char *path, size_t flags, json_error_t *error);

/**
 * Print a document to a text and release it; a NULL document is an earlier failure.
 * flags  jansson's, for instance JSON_INDENT(2)
 * what   starts the sentence of a failure
 * text   the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text);

#endif
