/* How images were prepared for a model, and how to prepare others likewise. */
#ifndef CONVOY_PREPARATION_H
#define CONVOY_PREPARATION_H

#include "convoy/dataset.h"
#include "convoy/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether the images that the model was trained on show light ink on dark or dark ink on light; NONE
 *  where that is unknown. */
CVY_API cvy_polarity cvy_model_polarity(const cvy_model *model);

/** How the pixels of its training images were normalized, as in cvy_train_settings: "standard", "unit" or
 *  "none"; NULL for a model that was not trained by convoy. It lives as long as the model. */
CVY_API const char *cvy_model_normalization(const cvy_model *model);

/**
 * Options to open other data for the model: size, channels and polarity as those of its training images.
 * Options that were set before keep their values. The order of the classes is the caller's to set:
 * options.class_names.
 */
CVY_API void cvy_model_prepare(const cvy_model *model, cvy_dataset_options *options);

#ifdef __cplusplus
}
#endif

#endif
