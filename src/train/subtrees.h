/* The sums of gradients over the subtrees of a rank (train/exchange_state.h). */
#ifndef CVY_TRAIN_SUBTREES_H
#define CVY_TRAIN_SUBTREES_H

#include "train/step.h"

/** Divide the tree of so many lanes among the ranks, unless that is the present plan.
 *  Allocates nothing. */
void cvy_subtrees_plan(cvy_ranks *ranks, size_t lane_count);

/** Bytes of a subtree's record: the sums of all gradients of CVY_GRADIENT_LANE, as floats. */
size_t cvy_subtree_bytes(const cvy_plan *plan);

/** The record of a subtree in the ranks' buffer, once the last stage of a grain is laid out. */
char *cvy_subtree_record(const cvy_ranks *ranks, size_t subtree);

/** Sum one tile over the lanes of a subtree of this rank, into its record. */
void cvy_subtree_sum(const cvy_stepper *stepper, size_t subtree, const cvy_tile *tile);

/** Compute the gradient of a tile from the records of all subtrees.
 *  accumulate: add it to `gradient`. */
void cvy_subtrees_add_up(const cvy_stepper *stepper, const cvy_tile *tile, bool accumulate,
                         float *gradient);

#endif
