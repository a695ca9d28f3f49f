/* One batch on several processes (convoy/comm.h). Each rank computes a consecutive run of the batch's lanes. At the
 * end of a stage the ranks exchange what their lanes left: sums for the layers that need the whole batch, or, at
 * the last stage, losses, hits, rows of the batch store, and sums of gradients. After that every rank does what a
 * single process would do with all lanes.
 *
 * Gradients are summed over lanes in a tree over lane numbers, whichever rank computed the lanes, so no bit depends on
 * the number of ranks. A rank adds up those subtrees that lie in its own run, and sends their sums:
 *
 *     lanes    0   1   2   3   4 | 5   6   7   8   9      10 lanes on two ranks
 *              +---+   +---+     |     +---+   +---+
 *              +-------+   |     |     |       |          rank 0 sends {0..3} and {4}, rank 1 {5}, {6,7} and {8,9}
 *
 * The gradients of dense layers are not sums over such a tree, but matrix products over the whole batch, whose factors
 * are the rows of the batch store; these are sent lane by lane.
 *
 * cvy_train_settings.wire: with bf16 what lanes left for gradients is rounded, on all ranks and in a single process
 * alike, before anything is summed. fast_reduce: each rank sums all gradients of its own lanes, MPI those of the
 * ranks, in an order of its own.
 *
 * Ranks must also stop together. A rank that wants to stop says so in its next exchange, and all of them stop
 * after the step in which they learn of it. */
#ifndef CVY_TRAIN_EXCHANGE_STATE_H
#define CVY_TRAIN_EXCHANGE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "comm/comm.h"

/* A complete subtree of the lanes of a grain, all of one rank, in none larger of that rank. */
typedef struct {
    size_t first, count; /* lanes */
} cvy_subtree;

typedef struct {
    cvy_comm *comm; /* NULL: one process; nothing else is used */
    char *buffer;   /* rank by rank: a header, a record of each of its lanes, one of each subtree */
    size_t *bytes, *first; /* [size] of each rank's part of the buffer */
    cvy_subtree *subtrees; /* [subtree_count] in the order of their lanes */
    size_t subtree_count;  /* of grains of planned_lanes */
    size_t *subtree_begin; /* [size + 1] the first one of each rank */
    size_t planned_lanes;  /* written by worker 0 before the lanes of a grain */
    size_t subtree_bytes;  /* of a record */
    bool is_rounding;      /* bf16 */
    bool is_fast;          /* fast_reduce */
    bool
        sends_subtrees; /* false: with bf16 where the lanes' own gradients are fewer bytes, and is_fast */
    atomic_bool wants_stop; /* this rank */
    bool is_stopping;       /* all ranks, after the running step; written by worker 0 */
    cvy_status status;      /* of the exchanges; likewise */
    char sentence[CVY_ERROR_BYTES];
} cvy_ranks;

#endif
