/* One batch on several processes (convoy/comm.h). Each rank computes a consecutive run of the batch's lanes. At the
 * end of a stage the ranks exchange what their lanes left: sums for the layers that need the whole batch, or, at
 * the last stage, losses, hits, gradients and rows of the batch store. After that every rank does what a single
 * process would do with all lanes. Sums over lanes follow a tree over lane numbers, whichever rank computed the
 * lanes, so no bit depends on the number of ranks.
 *
 * Ranks must also stop together. A rank that wants to stop says so in its next exchange, and all of them stop
 * after the step in which they learn of it. */
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
