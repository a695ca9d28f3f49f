/* Reading compile_config of a Keras file: loss and optimizer. */
#ifndef CVY_MODEL_COMPILE_CONFIG_H
#define CVY_MODEL_COMPILE_CONFIG_H

#include "base/json.h"
#include "model/model.h"

/**
 * Set the model's loss to the one that it was compiled with, and store the optimizer's spec in
 * model->compiled_optimizer, "" if there is none. Without compile_config, both stay as they are.
 * If convoy does not have that loss, or the model's outputs do not suit it, model->loss_refusal
 * says so, and training is refused until a loss is chosen.
 */
void cvy_model_take_compile_config(cvy_model *model, json_t *root);

#endif
