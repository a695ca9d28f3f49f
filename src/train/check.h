/* Whether a model and data fit together. */
#ifndef CVY_TRAIN_CHECK_H
#define CVY_TRAIN_CHECK_H

#include "data/dataset.h"
#include "model/model.h"

/** Images of the model's size, labels within its outputs. Returns CVY_ERR_SHAPE. */
cvy_status cvy_check_fit(const cvy_model *model, const cvy_dataset *data);

#endif
