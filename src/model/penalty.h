/* The penalty that the weights' regularizers add to the loss, and its gradient. */
#ifndef CVY_MODEL_PENALTY_H
#define CVY_MODEL_PENALTY_H

#include "model/model.h"

/** Whether any weight has a regularizer. */
bool cvy_model_has_penalty(const cvy_model *model);

/** The penalty of all weights, which is added to the mean loss in
 *  training and in evaluation, as in Keras. */
double cvy_model_penalty(const cvy_model *model);

/** The penalty of those of the layer's weights that are in floats first ..
 *  first + count - 1 of the block. */
double cvy_layer_penalty(const cvy_layer *layer, const float *weights, size_t first, size_t count);

/** Add to gradient [count] `scale` times the derivative of that penalty. */
void cvy_layer_penalty_gradient(const cvy_layer *layer, const float *weights, float scale,
                                size_t first, size_t count, float *gradient);

#endif
