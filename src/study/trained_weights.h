/* The trained weights of a model as one row of floats, and copies of models to put them into. */
#ifndef CVY_STUDY_TRAINED_WEIGHTS_H
#define CVY_STUDY_TRAINED_WEIGHTS_H

#include "convoy/model.h"

/** Give the model its trained weights, in the order of the model. Returns what cvy_model_write_weight()
 *  returns. */
cvy_status cvy_put_trained(cvy_model *model, const float *from);

/**
 * Make another model with the same layers and weights.
 * name  in messages
 * copy  released with cvy_model_destroy()
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_copy_model(const cvy_model *model, const char *name, cvy_model **copy);

#endif
