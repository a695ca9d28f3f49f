/* JSON held against a JSON Schema, of which this knows the part that our schemas use: type, const,
 * enum, properties, required, additionalProperties, items, minItems, maxItems, minimum, maximum,
 * pattern (as POSIX extended expressions), anyOf; $schema, title and description say nothing.
 * Source: JSON Schema draft 7, draft-handrews-json-schema-validation-01. */
#ifndef TESTS_SUPPORT_SCHEMA_H
#define TESTS_SUPPORT_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { SCHEMA_TEXT_BYTES = 512 };

/** Whether all of a schema is understood, also what no value has come by yet. If not, text says
 *  where it is wrong: a keyword that is not known is. */
bool schema_is_sound(const json_t *schema, char text[SCHEMA_TEXT_BYTES]);

/** Whether a sound schema takes the value. If not, text says which part of it is wrong and why. */
bool schema_takes(const json_t *schema, const json_t *value, char text[SCHEMA_TEXT_BYTES]);

#endif
