/* JSON without overlooking a failure. A value that could not be made, for lack of memory, is NULL,
 * and so becomes whatever should have held it: a caller checks once, at the end. jansson's own setters
 * report failures by results that are easily dropped. */
#ifndef CVY_BASE_JSON_H
#define CVY_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* These report a failure by a result alone: to ignore one is an error of the compiler. Source files include
 * this header instead of jansson.h, and print and parse with the functions below (tests/check-layers.sh). */
#define CVY_RESULT_COUNTS __attribute__((warn_unused_result))
int json_object_set_new(json_t *object, const char *key, json_t *value) CVY_RESULT_COUNTS;
int json_array_append_new(json_t *array, json_t *value) CVY_RESULT_COUNTS;
int json_dumpf(const json_t *json, FILE *output, size_t flags) CVY_RESULT_COUNTS;
int json_dumpfd(const json_t *json, int output, size_t flags) CVY_RESULT_COUNTS;
int json_dump_file(const json_t *json, const char *path, size_t flags) CVY_RESULT_COUNTS;
int json_object_update(json_t *object, json_t *other) CVY_RESULT_COUNTS;
int json_array_extend(json_t *array, json_t *other) CVY_RESULT_COUNTS;

/** A number, or null if it is not finite, since JSON has no NaN. */
json_t *cvy_json_number(double value);

json_t *cvy_json_count(size_t count);

/** A list of numbers, each made by `make`, such as cvy_json_number(). */
json_t *cvy_json_numbers(const double *values, size_t count, json_t *(*make)(double value));

/** A text from outside, with U+FFFD for each byte that is not UTF-8; null for NULL. */
json_t *cvy_json_text(const char *text);

/** Append a value, which is taken over. If that fails, or the value is NULL, *array is released and becomes
 *  NULL. */
void cvy_json_append(json_t **array, json_t *value);

/** Set a member likewise. */
void cvy_json_set(json_t **object, const char *key, json_t *value);

/**
 * Print a value. jansson's json_dumps() leaves out the name of a member, and reports success, when there is no
 * memory for it at that moment.
 * Returns the text, which the caller frees with free(); NULL when memory is short or json is NULL.
 */
char *cvy_json_dump(const json_t *json, size_t flags);

/**
 * Parse a text of `size` bytes, one that ends with NUL, or a file. jansson's own functions leave out characters of
 * a string, and report success, when there is no memory for them at that moment.
 * flags   jansson's, for instance JSON_REJECT_DUPLICATES
 * error   gets the place and the reason, "out of memory" among them; may be NULL
 * Returns NULL after a failure.
 */
json_t *cvy_json_load(const char *text, size_t size, size_t flags, json_error_t *error);
json_t *cvy_json_load_text(const char *text, size_t flags, json_error_t *error);
json_t *cvy_json_load_file(const char *path, size_t flags, json_error_t *error);

/**
 * Print a document, which is released, into a text; NULL for it is an earlier failure.
 * flags  jansson's, for instance JSON_INDENT(2)
 * what   starts the sentence of a failure
 * text   the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text);

#endif
