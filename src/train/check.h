/* Whether a model and data fit together. */
#ifndef CVY_TRAIN_CHECK_H
#define CVY_TRAIN_CHECK_H

#include "data/dataset.h"
#include "losses/loss.h"
#include "model/model.h"

/** Check that the images have the model's size and that every label has an output.
 *  Returns CVY_ERR_SHAPE. */
cvy_status cvy_check_fit(const cvy_model *model, const cvy_dataset *data);

/** Check that the labels for a single binary output are 0 and 1. Returns CVY_ERR_DATA. */
cvy_status cvy_check_labels(const cvy_model *model, const cvy_loss *loss, const cvy_dataset *data);

#endif
