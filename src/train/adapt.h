/* Normalization layers without a mean and variance from a file take them from the training images,
 * like Keras's adapt(). */
#ifndef CVY_TRAIN_ADAPT_H
#define CVY_TRAIN_ADAPT_H

#include "model/model.h"
#include "train/infer.h"

/**
 * Write the state of such layers. Only Rescaling, Flatten and layers that do nothing outside
 * training may come between the model's input and the layer.
 * block   initial weights, laid out like the model's block; the state in it is written
 * scale   factor from a pixel's byte to the model's input
 * Returns CVY_ERR_UNSUPPORTED if another layer comes before one of them, CVY_ERR_MEMORY.
 */
cvy_status cvy_adapt_normalization(const cvy_model *model, cvy_image_run images, float scale,
                                   float *block);

#endif
