/* The division of tiles among ranks, and the layout of the messages (train/exchange_state.h). */
#ifndef CVY_TRAIN_EXCHANGE_PARTS_H
#define CVY_TRAIN_EXCHANGE_PARTS_H

#include "train/step.h"

/* Precedes the records of a rank's lanes; one cache line. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) uint64_t wants_stop;
    uint64_t is_wild; /* a lane of this batch is wild (train/guard.h) */
} cvy_exchange_header;

/** Divide the tiles among the ranks, and allocate the buffers. Returns CVY_ERR_MEMORY. */
cvy_status cvy_exchange_parts_create(cvy_stepper *stepper);
void cvy_exchange_parts_release(cvy_ranks *ranks);

/** Decide whether the sums of the batch are divided, and compute the shares of the ranks. Keeps what is already planned.
 *  Called by worker 0 before the lanes of a grain. Allocates nothing. */
void cvy_exchange_plan(cvy_stepper *stepper, size_t batch_count, size_t lane_count);

/* The layout of the messages at the end of a stage. */
typedef struct {
    const cvy_stage *stage;
    bool is_last, is_divided;
    size_t lanes;  /* of the grain */
    size_t record; /* bytes of a lane's, where the stage is not the last */
} cvy_exchange_layout;

cvy_exchange_layout cvy_exchange_lay_out(const cvy_stepper *stepper, size_t lane_count,
                                         const cvy_stage *stage);

/** Compute the positions of all messages in the buffers. Called by worker 0 before anything is packed. */
void cvy_exchange_place_parts(cvy_ranks *ranks, const cvy_exchange_layout *l);

/** The end of the message to rank `to`, in the outgoing buffer. This rank's own part, and a message that is the same for all
 *  ranks, lies in the incoming buffer, in the place of this rank. */
char *cvy_exchange_end_for(const cvy_ranks *ranks, bool is_divided, size_t to);

/** The header of the message to rank `to`, and the record of one of this rank's lanes in it. */
cvy_exchange_header *cvy_exchange_header_for(const cvy_ranks *ranks, const cvy_exchange_layout *l,
                                             size_t to);
char *cvy_exchange_lane_for(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t to,
                            size_t lane);

/** Received: the header from rank `from`, and the record of any lane. */
const cvy_exchange_header *cvy_exchange_header_from(const cvy_ranks *ranks, size_t from);
char *cvy_exchange_received_lane(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t lane);

#endif
