/* The training objective of a model: its loss, and how many layers run below it. */
#ifndef CVY_MODEL_OBJECTIVE_H
#define CVY_MODEL_OBJECTIVE_H

#include "losses/loss.h"
#include "model/model.h"

/** The model's loss for training, past or future. */
const cvy_loss *cvy_model_loss(const cvy_model *model);

/** The function from the outputs of the layers below the loss to probabilities. */
cvy_link cvy_model_link(const cvy_model *model);

/** The number of layers below the loss: without a final softmax if the loss applies its own. */
size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss *loss);

/**
 * Read a loss for a model. A NULL spec means the model's loss.
 * model  NULL: do not check whether the loss fits a model
 * loss   written only on CVY_OK; the caller releases it with cvy_loss_release()
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY, and CVY_ERR_SHAPE for a loss that does not fit the
 * model's outputs.
 */
cvy_status cvy_model_read_loss(const cvy_model *model, const char *spec, cvy_loss *loss);

/** Set the model's loss to one that was read for it. Takes ownership and leaves *loss empty. */
void cvy_model_take_loss(cvy_model *model, cvy_loss *loss);

/** Read a loss and set it. After a failure the model keeps its loss. */
cvy_status cvy_model_set_loss(cvy_model *model, const char *spec);

/** The loss of a new model: cross-entropy with several outputs, mean squared error with one. */
const char *cvy_model_default_loss(const cvy_model *model);

#endif
