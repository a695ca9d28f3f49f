/* Keras's classes in terms of those that convoy has. */
#ifndef CVY_MODEL_KERAS_CLASSES_H
#define CVY_MODEL_KERAS_CLASSES_H

#include "model/draft.h"

/**
 * Restate a layer whose class convoy does not have, or not with these settings, by another class: a Dense layer
 * on an image is a 1 x 1 convolution, an Identity a linear activation. A class that needs no restating stays.
 * b           may get layers before it
 * entry       the layer in the file; its config may be changed
 * from        what it is given; may be changed
 * class_name  in: Keras's; out: one that convoy has, or Keras's where there is none
 * Returns CVY_ERR_UNSUPPORTED with what to do instead, CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_keras_restate(cvy_draft *b, json_t *entry, cvy_sources *from,
                             const char **class_name);

/** What to use instead of a class that convoy does not have. */
const char *cvy_keras_advice(const char *class_name);

#endif
