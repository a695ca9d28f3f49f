/* The training record in a model file. */
#ifndef CVY_TRAIN_RECORD_H
#define CVY_TRAIN_RECORD_H

#include "convoy/train.h"
#include "data/dataset.h"
#include "model/model.h"

/** Store a JSON object in model->training: data, update rule, length and last losses of a run. It
 *  does not depend on threads or time, so equal runs give equal files. Returns CVY_ERR_MEMORY. */
cvy_status cvy_record_training(cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings, const cvy_history *history);

#endif
