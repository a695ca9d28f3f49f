/* The gradient of one tile of the weights, from what the lanes of a grain left. */
#ifndef CVY_TRAIN_TILE_GRADIENT_H
#define CVY_TRAIN_TILE_GRADIENT_H

#include "train/lanes.h"

/** Add up the gradients of the tile's layer and of every layer that repeats it, in the order of the
 *  layers. All lanes of the grain must be done. gradient: [tile->count] written, or added to. */
void cvy_tile_gradient_form(const cvy_stepper *stepper, const cvy_tile *tile, const cvy_grain *part,
                            bool accumulate, float *gradient);

/** Add the gradient of the weights' regularizers. */
void cvy_tile_gradient_add_penalty(const cvy_stepper *stepper, const cvy_tile *tile,
                                   float *gradient);

#endif
