/* A batch on several processes (convoy/comm.h). Each rank runs a consecutive run of the batch's lanes. At the
 * end of a stage it gives the others what its lanes left: sums for the layers that need the whole batch, or,
 * at the last stage, losses, hits, gradients and the rows of the batch store. From there on every rank does
 * what one process would have done with all lanes, so that no bit depends on the number of ranks: sums over
 * lanes are a tree over lane numbers, whoever ran them.
 *
 * Ranks must also end together. A rank that wants to stop says so in its next exchange, and all stop after the
 * step in which they have heard of it. */
#ifndef CVY_TRAIN_EXCHANGE_STATE_H
#define CVY_TRAIN_EXCHANGE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "comm/comm.h"

typedef struct {
    cvy_comm *comm;         /* NULL: one process; nothing else is used */
    char *buffer;           /* rank by rank: a header, and a record for each of its lanes */
    size_t *bytes, *first;  /* [size] of each rank's part of the buffer */
    atomic_bool wants_stop; /* this rank */
    bool is_stopping;       /* all ranks, after the running step; written by worker 0 */
    cvy_status status;      /* of the exchanges; likewise */
    char sentence[CVY_ERROR_BYTES];
} cvy_ranks;

#endif
