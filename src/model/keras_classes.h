/* Expressing Keras's classes with those that convoy has. */
#ifndef CVY_MODEL_KERAS_CLASSES_H
#define CVY_MODEL_KERAS_CLASSES_H

#include "model/draft.h"

/**
 * Express a layer whose class convoy lacks, at all or with these settings, with another class: a
 * Dense layer on an image becomes a 1 x 1 convolution, an Identity a linear activation. Other
 * classes stay.
 * b           layers may be added before it
 * entry       the layer in the file; its config may be modified
 * from        its inputs; may be modified
 * class_name  in: Keras's class; out: a class that convoy has, or Keras's if there is none
 * Returns CVY_ERR_UNSUPPORTED with what to do instead, CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_keras_restate(cvy_draft *b, json_t *entry, cvy_sources *from,
                             const char **class_name);

/** A hint what to use instead of a class that convoy lacks. */
const char *cvy_keras_advice(const char *class_name);

#endif
