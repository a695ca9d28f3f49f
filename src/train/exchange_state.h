/* One batch on several processes (convoy/comm.h). Each rank computes a consecutive run of the
 * batch's lanes. At the end of a stage the ranks exchange the results of their lanes: sums for the
 * layers that need the whole batch, or, at the last stage, losses, hits, and the data from which
 * gradients are computed.
 *
 * Gradients of convolutions are summed over lanes in a tree over lane numbers, whichever rank
 * computed the lanes, so no bit depends on the number of ranks. A rank adds up the subtrees inside
 * its own run and sends their sums:
 *
 *     lanes    0   1   2   3   4 | 5   6   7   8   9      10 lanes on two ranks
 *              +---+   +---+     |     +---+   +---+
 *              +-------+   |     |     |       |          rank 0 sends {0..3} and {4},
 *                                                         rank 1 {5}, {6,7} and {8,9}
 *
 * The gradients of dense layers are not sums over such a tree, but matrix products over the whole
 * batch, one lane after the other. Their factors, x and dy (layers/layer.h), are sent lane by lane.
 *
 * There are two ways to compute the gradients from this data, with the same bits. The ranks choose
 * the one with fewer bytes for the rank that receives most (train/exchange_parts.h):
 *
 *     together   Every rank receives everything and computes all gradients.
 *     divided    The tiles are divided among the ranks. A rank receives the data of its own tiles: a
 *                part of each subtree's sum, the rows of x that belong to its rows of dw, and dy. It
 *                computes the gradients of its tiles, and then all ranks gather all gradients.
 *
 * cvy_train_settings.wire: with bf16 the data of each lane is rounded, on all ranks and in a single
 * process alike, before anything is summed. fast_reduce: each rank sums all gradients of its own
 * lanes, and MPI sums over the ranks in its own order.
 *
 * Ranks must also stop together. A rank that wants to stop says so in its next exchange, and all of
 * them stop after the step in which they learn of it. */
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

/* The tiles of a rank, and the data it needs from each lane of the others. */
typedef struct {
    size_t tile_begin, tile_end; /* whose gradients it computes */
    size_t record_begin;         /* floats of a subtree's sum that belong to tiles before these */
    size_t lane_bytes;           /* of a lane's record at the last stage */
    size_t subtree_bytes;        /* of a subtree's record; 0: none is sent */
} cvy_rank_share;

typedef struct {
    cvy_comm *comm; /* NULL: one process; nothing else is used */

    /* rank by rank: a header, a record of each of its lanes, one of each subtree */
    cvy_comm_parts incoming; /* what each rank has sent, this one's own part included */
    cvy_comm_parts outgoing; /* divided: what each rank is sent */
    cvy_comm_parts sums;     /* divided: the gradients, by the ranks that compute them */

    cvy_subtree *subtrees;  /* [subtree_count] in the order of their lanes */
    size_t subtree_count;   /* of grains of planned_lanes */
    size_t *subtree_begin;  /* [size + 1] the first one of each rank */
    size_t *tile_begin;     /* [size + 1] the first tile of each rank, if they are divided */
    cvy_rank_share *shares; /* [size] what each rank needs */
    size_t most_sums;       /* bytes of them for the rank that receives most */
    size_t record_floats;   /* of a subtree's sum over all tiles */
    bool can_divide;        /* false: is_fast, or more bytes than MPI counts */

    /* written by worker 0 before the lanes of a grain */
    size_t planned_batch, planned_lanes;
    bool is_divided;
    bool
        sends_subtrees; /* false: with bf16 where the lanes' own gradients are fewer bytes, and is_fast */

    bool is_rounding;       /* bf16 */
    bool is_fast;           /* fast_reduce */
    atomic_bool wants_stop; /* this rank */
    bool is_stopping;       /* all ranks, after the running step; written by worker 0 */
    cvy_status status;      /* of the exchanges; written by worker 0 */
    char sentence[CVY_ERROR_BYTES];
} cvy_ranks;

#endif
