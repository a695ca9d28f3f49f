/* One batch on several processes (convoy/comm.h). Each rank computes a consecutive run of the
 * batch's lanes. At the end of a stage the ranks exchange the results of their lanes: sums for the
 * layers that need the whole batch, or, at the last stage, losses, hits, rows of the batch store,
 * and sums of gradients. Then every rank continues like a single process that computed all lanes.
 *
 * Gradients are summed over lanes in a tree over lane numbers, whichever rank computed the lanes,
 * so no bit depends on the number of ranks. A rank adds up the subtrees inside its own run and
 * sends their sums:
 *
 *     lanes    0   1   2   3   4 | 5   6   7   8   9      10 lanes on two ranks
 *              +---+   +---+     |     +---+   +---+
 *              +-------+   |     |     |       |          rank 0 sends {0..3} and {4},
 *                                                         rank 1 {5}, {6,7} and {8,9}
 *
 * The gradients of dense layers are not sums over such a tree, but matrix products over the whole
 * batch, whose factors are the rows of the batch store; these are sent lane by lane.
 *
 * cvy_train_settings.wire: with bf16 the lanes' gradients and factors are rounded before anything
 * is summed, on all ranks and in a single process alike. fast_reduce: each rank sums all gradients
 * of its own lanes, and MPI sums those of the ranks, in an order that it chooses.
 *
 * Ranks must also stop together. A rank that wants to stop says so in its next exchange, and all
 * ranks stop after that step. */
#ifndef CVY_TRAIN_EXCHANGE_STATE_H
#define CVY_TRAIN_EXCHANGE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "comm/comm.h"

/* A maximal subtree over lanes of a grain that all belong to one rank. */
typedef struct {
    size_t first, count; /* lanes */
} cvy_subtree;

typedef struct {
    cvy_comm *comm;        /* NULL: one process; nothing else is used */
    char *buffer;          /* for each rank a header, a record per lane, a record per subtree */
    size_t *bytes, *first; /* [size] of each rank's part of the buffer */
    cvy_subtree *subtrees; /* [subtree_count] in the order of their lanes */
    size_t subtree_count;  /* of grains of planned_lanes */
    size_t *subtree_begin; /* [size + 1] the first subtree of each rank */
    size_t planned_lanes;  /* written by worker 0 before the lanes of a grain */
    size_t subtree_bytes;  /* of a record */
    bool is_rounding;      /* bf16 */
    bool is_fast;          /* fast_reduce */
    bool sends_subtrees;   /* false with is_fast, and with bf16 if gradients of lanes are smaller */
    atomic_bool wants_stop; /* this rank */
    bool is_stopping;       /* all ranks, after the running step; written by worker 0 */
    cvy_status status;      /* of the exchanges; written by worker 0 */
    char sentence[CVY_ERROR_BYTES];
} cvy_ranks;

#endif
