/* Reading weights saved by Keras in HDF5. */
#ifndef CVY_MODEL_KERAS_WEIGHTS_H
#define CVY_MODEL_KERAS_WEIGHTS_H

#include "formats/hdf5.h"
#include "model/model.h"

/** Whether the file has Keras 2's format: a whole model, or weights, in .h5. */
cvy_status cvy_keras_is_legacy(cvy_hdf5 *file, bool *is_legacy);

/**
 * Read all weights of the model, which has the architecture of the file.
 * name  prefix of error messages
 * Returns CVY_ERR_SHAPE (the message has layer and weight, the shape found and the one expected),
 * CVY_ERR_FORMAT (a layer has no weights in the file, or different ones), CVY_ERR_UNSUPPORTED,
 * CVY_ERR_DATA (a value is not finite), CVY_ERR_MEMORY. After an error some weights may have been
 * read.
 */
cvy_status cvy_keras_read_weights(const char *name, cvy_hdf5 *file, cvy_model *model);

/** Fail with CVY_ERR_SHAPE: "found 3 x 3 x 1 x 4, expected 5 x 5 x 1 x 4", and how to convert the
 *  shape if its axes have PyTorch's order. */
cvy_status cvy_weights_fail_shape(const char *layer, const char *weight, size_t rank,
                                  const size_t *dims, const cvy_weight_plan *plan);

/** Whether two shapes are equal except for sides of 1. */
bool cvy_weights_same_shape(size_t rank, const size_t *dims, const cvy_weight_plan *plan);

/** Returns CVY_ERR_DATA if a value is not finite. */
cvy_status cvy_weights_check(const char *layer, const char *weight, const float *values,
                             size_t count);

#endif
