/* Keras's tensors with two sides: sequences of vectors, and the classes whose names end in 1D. */
#ifndef CVY_MODEL_KERAS_SEQUENCES_H
#define CVY_MODEL_KERAS_SEQUENCES_H

#include "model/draft.h"

/**
 * Prepare a layer whose input in Keras is (steps, features). The input becomes an image with one
 * row, steps as columns and features as channels; settings that count axes are converted. A class
 * whose name ends in 1D becomes its 2D counterpart.
 * b           a Reshape may be added
 * config      of the layer; may be modified
 * from        its inputs; may be modified
 * class_name  in: Keras's class; out: a class for images
 * Returns CVY_ERR_UNSUPPORTED with what to do instead, CVY_ERR_MEMORY.
 */
cvy_status cvy_keras_take_sequence(cvy_draft *b, json_t *config, cvy_sources *from,
                                   const char **class_name);

#endif
