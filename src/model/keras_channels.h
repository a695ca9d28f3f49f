/* Keras's operations along the channels of an image, or on parts of it, expressed with convoy's
 * layers: the image is permuted so that its channels are columns, pooled or cropped,
 * and permuted back. */
#ifndef CVY_MODEL_KERAS_CHANNELS_H
#define CVY_MODEL_KERAS_CHANNELS_H

#include "model/draft.h"

/**
 * Add layers that compute the maximum or mean of each pixel's channels, as an image with one
 * channel.
 * name    of the operation
 * output  in: of the image; out: of the result
 */
cvy_status cvy_keras_pool_channels(cvy_draft *b, const char *name, bool is_maximum, size_t *output);

/**
 * Add layers that compute x[:, a:b, c:d, e:f] of an image.
 * slices  from the file: an object {"class_name": "__slice__"} for each axis, samples first
 * Returns CVY_ERR_UNSUPPORTED for steps, single indices and slices of samples, CVY_ERR_SHAPE for an
 * empty result.
 */
cvy_status cvy_keras_slice(cvy_draft *b, const char *name, json_t *slices, size_t *output);

#endif
