/* What a model learns by: its loss, and how far the layers run below it. */
#ifndef CVY_MODEL_OBJECTIVE_H
#define CVY_MODEL_OBJECTIVE_H

#include "losses/loss.h"
#include "model/model.h"

/** The loss that the model was, or is to be, trained with. */
const cvy_loss *cvy_model_loss(const cvy_model *model);

/** How many layers run below the loss: a final softmax is left to a loss that applies its own. */
size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss *loss);

/** What makes probabilities of what the layers below the loss give. */
cvy_link cvy_model_link(const cvy_model *model);

/** Set the model's loss. Returns CVY_ERR_SETTING, and CVY_ERR_SHAPE for a loss that the model's
 *  outputs cannot serve. */
cvy_status cvy_model_set_loss(cvy_model *model, const char *spec);

/** The model's loss as cvy_model_set_loss() reads it: its name alone where every setting has its
 *  default, else a spec. */
void cvy_model_print_loss(const cvy_model *model, char *text, size_t size);

#endif
