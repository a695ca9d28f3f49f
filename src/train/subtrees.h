/* The sums of gradients over the subtrees of a rank (train/exchange_state.h). A subtree's record has the sums of all
 * gradients of CVY_GRADIENT_LANE that its receiver needs, tile by tile, as floats; cvy_tile.record says where. */
#ifndef CVY_TRAIN_SUBTREES_H
#define CVY_TRAIN_SUBTREES_H

#include "train/step.h"

/** Divide the tree of so many lanes among the ranks, unless that is the present plan.
 *  Allocates nothing. */
void cvy_subtrees_plan(cvy_ranks *ranks, size_t lane_count);

/** One tile of a subtree of this rank: the sum over its lanes goes to the record for rank `to`. */
void cvy_subtree_sum(const cvy_stepper *stepper, size_t subtree, size_t to, const cvy_tile *tile);

/** The gradient of one of this rank's tiles from the records of all subtrees. accumulate: it is added to what is
 *  there. */
void cvy_subtrees_add_up(const cvy_stepper *stepper, const cvy_tile *tile, bool accumulate,
                         float *gradient);

#endif
