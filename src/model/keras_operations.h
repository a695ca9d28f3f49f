/* Operations in graphs, of keras.ops and Keras 2's TFOpLambda: x + y, x / 255, relu(x). */
#ifndef CVY_MODEL_KERAS_OPERATIONS_H
#define CVY_MODEL_KERAS_OPERATIONS_H

#include "model/draft.h"

/** Whether a layer of the file is an operation. */
bool cvy_keras_is_operation(json_t *entry);

/** Express an operation with a layer's class. Arguments and errors as for cvy_keras_restate(). */
cvy_status cvy_keras_restate_operation(cvy_draft *b, json_t *entry, cvy_sources *from,
                                       const char **class_name);

#endif
