/* What Keras's operations do along the channels of an image, or to parts of it, by layers that convoy has: the
 * image is turned so that its channels are columns, pooled or cropped, and turned back. */
#ifndef CVY_MODEL_KERAS_CHANNELS_H
#define CVY_MODEL_KERAS_CHANNELS_H

#include "model/draft.h"

/**
 * Add the largest channel of each pixel, or the mean of its channels, as an image of one channel.
 * name    of the operation
 * output  in: of the image; out: of the result
 */
cvy_status cvy_keras_pool_channels(cvy_draft *b, const char *name, bool is_maximum, size_t *output);

/**
 * Add what x[:, a:b, c:d, e:f] leaves of an image.
 * slices  of the file, an object {"class_name": "__slice__"} for each side, the samples first
 * Returns CVY_ERR_UNSUPPORTED for steps, single indices and slices of samples, CVY_ERR_SHAPE where nothing is left.
 */
cvy_status cvy_keras_slice(cvy_draft *b, const char *name, json_t *slices, size_t *output);

#endif
