/* What the weights' regularizers add to the loss and to the gradient. */
#ifndef CVY_MODEL_PENALTY_H
#define CVY_MODEL_PENALTY_H

#include "model/model.h"

/** Whether any weight has a regularizer. */
bool cvy_model_has_penalty(const cvy_model *model);

/** Of all weights: what Keras adds to the mean loss, in training and in evaluation. */
double cvy_model_penalty(const cvy_model *model);

/** The part of the layer's weights that lies in floats first .. first + count - 1 of the block. */
double cvy_layer_penalty(const cvy_layer *layer, const float *weights, size_t first, size_t count);

/** `scale` times the same part's derivative, added to gradient [count]. */
void cvy_layer_penalty_gradient(const cvy_layer *layer, const float *weights, float scale,
                                size_t first, size_t count, float *gradient);

#endif
