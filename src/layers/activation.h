/* What the model needs to know about activation layers. */
#ifndef CVY_LAYERS_ACTIVATION_H
#define CVY_LAYERS_ACTIVATION_H

#include "layers/layer.h"

extern const cvy_layer_kind cvy_layer_activation;

/** Whether a layer is a softmax, the identity, or a sigmoid, whatever its class name. */
bool cvy_activation_is_softmax(const cvy_layer *layer);
bool cvy_activation_is_linear(const cvy_layer *layer);
bool cvy_activation_is_sigmoid(const cvy_layer *layer);

/** Keras's name of function number `index`, or NULL past the last. */
const char *cvy_activation_name(size_t index);

/** A formula or phrase for function number `index`. */
const char *cvy_activation_summary(size_t index);

#endif
