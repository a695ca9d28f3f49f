/* The trained weights of a model as one row of floats. */
#ifndef CVY_STUDY_TRAINED_WEIGHTS_H
#define CVY_STUDY_TRAINED_WEIGHTS_H

#include "convoy/model.h"

/** Give the model its trained weights, in the order of the model. Returns what cvy_model_write_weight()
 *  returns. */
cvy_status cvy_put_trained(cvy_model *model, const float *from);

#endif
