/* Where a run is: epochs, steps, sums of the running epoch, learning rate, callbacks. As JSON, with all bits
 * of every number. */
#ifndef CVY_TRAIN_POSITION_H
#define CVY_TRAIN_POSITION_H

#include <jansson.h>

#include "train/training.h"

/** NULL when memory is short. */
json_t *cvy_position_json(const cvy_training *t);

/** The number of updates that a position states; CVY_ERR_FORMAT when it is none. */
cvy_status cvy_position_read_steps(const json_t *position, size_t *steps);

/** Restore it, after the train_begin of the callbacks. Weights, slots and averages are not in it.
 *  With t->is_changed (resume_anyway, and something is different) what does not fit any more is left out: the
 *  running epoch begins anew, and callbacks that were not there begin as they are.
 *  Returns CVY_ERR_FORMAT, CVY_ERR_MEMORY, and what a callback's restore_state() returns. */
cvy_status cvy_position_restore(cvy_training *t, const json_t *position);

#endif
