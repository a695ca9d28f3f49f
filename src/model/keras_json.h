/* Printing values of Keras's JSON as the text that a user would type, so that they are parsed like
 * any setting. */
#ifndef CVY_MODEL_KERAS_JSON_H
#define CVY_MODEL_KERAS_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum { CVY_KERAS_VALUE_BYTES = 1024 };

/** Whether a key does not affect the computation. */
bool cvy_keras_is_bookkeeping(const char *key);

/** Print "GlorotUniform" as "glorot_uniform", "L1L2" as "l1l2", truncated to `size` bytes. */
void cvy_keras_snake_case(const char *class_name, char *text, size_t size);

/** Print the name that Keras gives an object of a class, truncated to `size` bytes: "Conv2D" as "conv2d",
 *  "PReLU" as "p_re_lu". */
void cvy_keras_object_name(const char *class_name, char *text, size_t size);

/** Print the value of a layer's setting `key`: a number, a list "[a;b]", or an object as a spec.
 *  Text that does not fit is truncated, and rejected when it is parsed. */
void cvy_keras_print_setting(const char *key, json_t *value, char text[CVY_KERAS_VALUE_BYTES]);

#endif
