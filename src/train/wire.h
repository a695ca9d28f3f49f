/* Numbers as ranks send them with CVY_WIRE_BF16: the upper half of a float, rounded to nearest, ties to even. */
#ifndef CVY_TRAIN_WIRE_H
#define CVY_TRAIN_WIRE_H

#include "train/lanes.h"

/** In place. NaN stays NaN, and what is too large becomes infinite. */
void cvy_wire_round(size_t count, float *values);

/** Rounded values to bf16 and back, without loss. */
void cvy_wire_pack(size_t count, const float *values, uint16_t *wire);
void cvy_wire_unpack(size_t count, const uint16_t *wire, float *values);

/** In a job, by all workers, after they have met at the end of the last stage; they have met again when it returns.
 *  Rounds what this process's lanes left for gradients. */
void cvy_wire_round_lanes(cvy_epoch_run *run, const cvy_grain *part, size_t worker);

#endif
