/* The weight of each class in the loss and its gradient. */
#ifndef CVY_TRAIN_CLASS_WEIGHTS_H
#define CVY_TRAIN_CLASS_WEIGHTS_H

#include "data/dataset.h"

/**
 * Read "7=2.5,cat=0.5" or "balanced" (see cvy_train_settings).
 * labels   [count] labels of the training images; "balanced" counts them
 * weights  [data->class_count], released with cvy_memory_free() by the caller; NULL without a text
 * Returns CVY_ERR_SETTING if a class does not exist or is named twice, or if a weight is not a
 * number >= 0; CVY_ERR_MEMORY.
 */
cvy_status cvy_class_weights_read(const char *text, const cvy_dataset *data, const uint16_t *labels,
                                  size_t count, float **weights);

#endif
