/* Weights that Keras saved, in HDF5, for the layers of a model. */
#ifndef CVY_MODEL_KERAS_WEIGHTS_H
#define CVY_MODEL_KERAS_WEIGHTS_H

#include "formats/hdf5.h"
#include "model/model.h"

/** Whether the file is of the form that Keras 2 wrote: whole models, and weights, in .h5. */
cvy_status cvy_keras_is_legacy(cvy_hdf5 *file, bool *is_legacy);

/**
 * Read all weights of the model, whose architecture is that of the file.
 * name  begins the sentences of failures
 * Returns CVY_ERR_SHAPE (the sentence names layer and weight, the shape found and the one expected),
 * CVY_ERR_FORMAT (a layer has no weights in the file, or others), CVY_ERR_UNSUPPORTED, CVY_ERR_DATA (a value
 * that is not finite), CVY_ERR_MEMORY. The weights are then half read.
 */
cvy_status cvy_keras_read_weights(const char *name, cvy_hdf5 *file, cvy_model *model);

/** The rest of a sentence about shapes: "found 3 x 3 x 1 x 4, expected 5 x 5 x 1 x 4", and what would turn
 *  the one into the other where PyTorch keeps the axes in another order. */
cvy_status cvy_weights_fail_shape(const char *layer, const char *weight, size_t rank,
                                  const size_t *dims, const cvy_weight_plan *plan);

/** Whether two shapes are the same but for sides of 1. */
bool cvy_weights_same_shape(size_t rank, const size_t *dims, const cvy_weight_plan *plan);

/** CVY_ERR_DATA for values that are not finite. */
cvy_status cvy_weights_check(const char *layer, const char *weight, const float *values,
                             size_t count);

#endif
