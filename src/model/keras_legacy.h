/* Converting Keras 2's settings to Keras 3's. */
#ifndef CVY_MODEL_KERAS_LEGACY_H
#define CVY_MODEL_KERAS_LEGACY_H

#include "base/json.h"

/** Rename the settings of a layer that have another name in Keras 2,
 *  and drop those without effect. */
void cvy_keras_modernize(const char *class_name, json_t *config);

#endif
