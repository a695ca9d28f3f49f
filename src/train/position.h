/* The position of a run as JSON: epochs, steps, sums of the running epoch, learning rate,
 * callbacks. Every number keeps all its bits. */
#ifndef CVY_TRAIN_POSITION_H
#define CVY_TRAIN_POSITION_H

#include "base/json.h"
#include "train/training.h"

/** Return the position of the run, NULL if memory is short. */
json_t *cvy_position_json(const cvy_training *t);

/** Read the number of updates in a position. Returns CVY_ERR_FORMAT if it is not valid. */
cvy_status cvy_position_read_steps(const json_t *position, size_t *steps);

/** Restore a position, after train_begin of the callbacks. It does not contain weights, slots and
 *  averages. With t->is_changed (resume_anyway, and a setting differs) parts that no longer fit are
 *  dropped: the running epoch begins anew, and new callbacks start afresh.
 *  Returns CVY_ERR_FORMAT, CVY_ERR_MEMORY, and what a callback's restore_state() returns. */
cvy_status cvy_position_restore(cvy_training *t, const json_t *position);

#endif
