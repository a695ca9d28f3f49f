/* Reading the config of a layer in Keras's JSON. */
#ifndef CVY_MODEL_KERAS_CONFIG_H
#define CVY_MODEL_KERAS_CONFIG_H

#include "base/json.h"
#include "layers/layer.h"

/** The kind with this Keras class name, or NULL. */
const cvy_layer_kind *cvy_keras_find_class(const char *class_name);

/** Read every key of a layer's config into the kind's settings. null means the default. Keys that
 *  do not affect the computation are skipped; any other unknown key is an error. */
cvy_status cvy_keras_read_config(const cvy_layer_kind *kind, json_t *config, void *settings);

/** Read batch_shape: [null, height, width, channels], with optional channels,
 *  or [null, features]. */
cvy_status cvy_keras_read_input_shape(bool is_channels_first, json_t *shape, cvy_shape *input);

/** Convert data_format, axes and sides in the config of a layer from channels first to channels
 *  last. in: the layer's input. */
cvy_status cvy_keras_turn_channels(json_t *config, cvy_shape in);

#endif
