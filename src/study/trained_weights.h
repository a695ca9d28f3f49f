/* The trained weights of a model as one array of floats, and copies of models to receive them. */
#ifndef CVY_STUDY_TRAINED_WEIGHTS_H
#define CVY_STUDY_TRAINED_WEIGHTS_H

#include "convoy/model.h"

/** Set the model's trained weights, in model order. Returns errors of cvy_model_write_weight(). */
cvy_status cvy_put_trained(cvy_model *model, const float *from);

/**
 * Copy a model with its layers and weights.
 * name  used in messages
 * copy  released with cvy_model_destroy()
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_copy_model(const cvy_model *model, const char *name, cvy_model **copy);

#endif
