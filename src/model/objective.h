/* The training objective of a model: its loss, and how many layers run below it. */
#ifndef CVY_MODEL_OBJECTIVE_H
#define CVY_MODEL_OBJECTIVE_H

#include "losses/loss.h"
#include "model/model.h"

/** The loss that the model was, or is to be, trained with. */
const cvy_loss *cvy_model_loss(const cvy_model *model);

/** What makes probabilities of what the layers below the loss give. */
cvy_link cvy_model_link(const cvy_model *model);

/** How many layers run below the loss: a final softmax is left to a loss that applies its own. */
size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss *loss);

/**
 * Read a loss for a model. NULL is the loss that the model has.
 * model  NULL: whether the loss fits a model is not checked
 * loss   written only on CVY_OK; cvy_loss_release() it
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY, and CVY_ERR_SHAPE for a loss that does not fit the model's
 * outputs.
 */
cvy_status cvy_model_read_loss(const cvy_model *model, const char *spec, cvy_loss *loss);

/** Give the model a loss that was read for it; takes it over and leaves *loss empty. */
void cvy_model_take_loss(cvy_model *model, cvy_loss *loss);

/** Both at once. On failure the model keeps its loss. */
cvy_status cvy_model_set_loss(cvy_model *model, const char *spec);

/** The loss of a new model: cross-entropy with several outputs, mean squared error with one. */
const char *cvy_model_default_loss(const cvy_model *model);

#endif
