/* The weight of each class in loss and gradient. */
#ifndef CVY_TRAIN_CLASS_WEIGHTS_H
#define CVY_TRAIN_CLASS_WEIGHTS_H

#include "data/dataset.h"

/**
 * Read "7=2.5,cat=0.5" or "balanced" (see cvy_train_settings).
 * labels   [count] of the images that are trained on; "balanced" counts them
 * weights  [data->class_count], released with cvy_memory_free(); NULL for no text
 * Returns CVY_ERR_SETTING for a class that is none or is named twice, or a weight that is no number
 * of at least 0; CVY_ERR_MEMORY.
 */
cvy_status cvy_class_weights_read(const char *text, const cvy_dataset *data, const uint16_t *labels,
                                  size_t count, float **weights);

#endif
