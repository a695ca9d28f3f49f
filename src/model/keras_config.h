/* The config of a layer in Keras's JSON. */
#ifndef CVY_MODEL_KERAS_CONFIG_H
#define CVY_MODEL_KERAS_CONFIG_H

#include <jansson.h>

#include "layers/layer.h"

/** The kind with Keras's class name, or NULL. */
const cvy_layer_kind *cvy_keras_find_class(const char *class_name);

/** Read every key of a layer's config into the kind's settings. null stands for the default; keys that do not
 *  change what is computed are skipped, any other unknown key is refused. */
cvy_status cvy_keras_read_config(const cvy_layer_kind *kind, json_t *config, void *settings);

/** Read batch_shape: [null, height, width, channels], where channels may be left out, or [null, features]. */
cvy_status cvy_keras_read_input_shape(bool is_channels_first, json_t *shape, cvy_shape *input);

/** Change data_format, axes and sides in the config of a layer that keeps channels first to those of one that keeps them last.
 *  in: the layer's input. */
cvy_status cvy_keras_turn_channels(json_t *config, cvy_shape in);

#endif
