/* Values of Keras's JSON as the text that a user would type, so that they take the path of all settings. */
#ifndef CVY_MODEL_KERAS_JSON_H
#define CVY_MODEL_KERAS_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { CVY_KERAS_VALUE_BYTES = 1024 };

/** Whether a key says nothing about what is computed. */
bool cvy_keras_is_bookkeeping(const char *key);

/** "GlorotUniform" as "glorot_uniform", "L1L2" as "l1l2"; cut to `size` bytes. */
void cvy_keras_snake_case(const char *class_name, char *text, size_t size);

/** The value of a layer's setting `key`: a number, a list "[a;b]", or an object as a spec. What does not fit
 *  is cut, and refused by whoever reads the text. */
void cvy_keras_print_setting(const char *key, json_t *value, char text[CVY_KERAS_VALUE_BYTES]);

#endif
