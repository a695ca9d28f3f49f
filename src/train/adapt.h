/* Normalization layers whose mean and variance no file gives take them from the training images, as Keras's
 * adapt() does. */
#ifndef CVY_TRAIN_ADAPT_H
#define CVY_TRAIN_ADAPT_H

#include "model/model.h"
#include "train/infer.h"

/**
 * Write the state of such layers. Between the model's input and the layer there may be Rescaling, Flatten and
 * layers that do nothing outside of training.
 * block   the weights that training begins with, as the model's block; the state in it changes
 * scale   what a pixel's byte is multiplied by before the model
 * Returns CVY_ERR_UNSUPPORTED for a layer elsewhere, CVY_ERR_MEMORY.
 */
cvy_status cvy_adapt_normalization(const cvy_model *model, cvy_image_run images, float scale,
                                   float *block);

#endif
