/* Settings of Keras 2 under the names that they have in Keras 3. */
#ifndef CVY_MODEL_KERAS_LEGACY_H
#define CVY_MODEL_KERAS_LEGACY_H

#include "base/json.h"

/** Rename the settings of a layer that Keras 2 called otherwise, and drop those that it wrote without effect. */
void cvy_keras_modernize(const char *class_name, json_t *config);

#endif
