/* Keras's tensors of two sides: sequences of vectors, and the classes whose names end in 1D. */
#ifndef CVY_MODEL_KERAS_SEQUENCES_H
#define CVY_MODEL_KERAS_SEQUENCES_H

#include "model/draft.h"

/**
 * Prepare a layer whose input Keras has as (steps, features): such an input becomes an image of one row whose
 * columns are the steps and whose channels are the features, and settings that count axes follow. A class whose
 * name ends in 1D becomes its 2D twin.
 * b           may get a Reshape
 * config      of the layer; may be changed
 * from        what it is given; may be changed
 * class_name  in: Keras's; out: one for images
 * Returns CVY_ERR_UNSUPPORTED with what to do instead, CVY_ERR_MEMORY.
 */
cvy_status cvy_keras_take_sequence(cvy_draft *b, json_t *config, cvy_sources *from,
                                   const char **class_name);

#endif
