/* The encoding of floats between ranks with CVY_WIRE_BF16: the upper half of a float, rounded to
 * nearest, ties to even. */
#ifndef CVY_TRAIN_WIRE_H
#define CVY_TRAIN_WIRE_H

#include "train/lanes.h"

/** Round in place. NaN stays NaN; a value that is too large becomes infinite. */
void cvy_wire_round(size_t count, float *values);

/** Convert rounded values to bf16 and back, without loss. */
void cvy_wire_pack(size_t count, const float *values, uint16_t *wire);
void cvy_wire_unpack(size_t count, const uint16_t *wire, float *values);

/** Round the gradients and factors of this process's lanes. Called by all workers in a job, after
 *  they have met at the end of the last stage; they meet again before it returns. */
void cvy_wire_round_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker);

#endif
