/* What a Keras file says about training: compile_config. */
#ifndef CVY_MODEL_COMPILE_CONFIG_H
#define CVY_MODEL_COMPILE_CONFIG_H

#include <jansson.h>

#include "model/model.h"

/**
 * Give the model the loss that it was compiled with, and keep the optimizer's spec in
 * model->compiled_optimizer, "" without one. A file without compile_config leaves both as they are.
 * Returns CVY_ERR_UNSUPPORTED for a loss that convoy does not have.
 */
cvy_status cvy_model_take_compile_config(cvy_model *model, json_t *root);

#endif
