/* How a model's training images were prepared, and how to prepare other images in the same way. */
#ifndef CONVOY_PREPARATION_H
#define CONVOY_PREPARATION_H

#include "convoy/dataset.h"
#include "convoy/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether the model's training images show light ink on dark or dark ink on light; NONE if that is
 *  unknown. */
CVY_API cvy_polarity cvy_model_polarity(const cvy_model *model);

/** How the pixels of the training images were normalized, as in cvy_train_settings: "standard",
 *  "unit" or "none"; NULL for a model that convoy did not train. Lives as long as the model. */
CVY_API const char *cvy_model_normalization(const cvy_model *model);

/**
 * Set the options for opening other data for the model: size, channels and polarity of its training
 * images, and whether the character in picture files was cut out. Options that were set before keep
 * their values. The caller sets the order of the classes, options.class_names.
 */
CVY_API void cvy_model_prepare(const cvy_model *model, cvy_dataset_options *options);

#ifdef __cplusplus
}
#endif

#endif
