/* The record of a lane's results at the end of a stage, as ranks send it (train/exchange_state.h). */
#ifndef CVY_TRAIN_EXCHANGE_RECORD_H
#define CVY_TRAIN_EXCHANGE_RECORD_H

#include "train/step.h"

/** Whether it is the last stage, whose results include losses and gradients. */
bool cvy_stage_is_last(const cvy_stepper *stepper, const cvy_stage *stage);

/** Bytes of the record of a lane, whole cache lines. It holds everything that the lane left,
 *  except the gradients of tiles outside the share and those that are sent as sums over subtrees. */
size_t cvy_record_bytes(const cvy_stepper *stepper, const cvy_stage *stage,
                        const cvy_rank_share *share);

/** How many of these bytes are inputs (x) of dense layers, at the last stage. */
size_t cvy_record_input_bytes(const cvy_stepper *stepper, const cvy_rank_share *share);

/** Copy a lane's results into the record or out of it. */
void cvy_record_pack(const cvy_stepper *stepper, const cvy_stage *stage,
                     const cvy_rank_share *share, size_t lane, char *record);
void cvy_record_unpack(const cvy_stepper *stepper, const cvy_stage *stage,
                       const cvy_rank_share *share, size_t lane, char *record);

#endif
