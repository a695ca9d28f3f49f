#include "train/exchange.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "train/exchange_parts.h"
#include "train/exchange_record.h"
#include "train/subtrees.h"

cvy_status cvy_ranks_create(cvy_stepper *stepper, cvy_comm *comm)
{
    cvy_ranks *ranks = &stepper->ranks;

    ranks->comm = comm;
    ranks->is_rounding = stepper->task->wire == CVY_WIRE_BF16;
    if (comm == NULL)
        return CVY_OK;
    ranks->is_fast = stepper->task->fast_reduce;
    return cvy_exchange_parts_create(stepper);
}

void cvy_ranks_release(cvy_ranks *ranks)
{
    cvy_exchange_parts_release(ranks);
}

cvy_range cvy_ranks_own_tiles(const cvy_stepper *stepper)
{
    const cvy_ranks *ranks = &stepper->ranks;

    if (!ranks->is_divided)
        return (cvy_range){ 0, stepper->tile_count };
    const cvy_rank_share *own = &ranks->shares[cvy_comm_rank(ranks->comm)];
    return (cvy_range){ own->tile_begin, own->tile_end };
}

/* --- packing --- */

static void pack_lane(const cvy_stepper *stepper, const cvy_exchange_layout *l, size_t to,
                      size_t lane)
{
    cvy_record_pack(stepper, l->stage, &stepper->ranks.shares[to], lane,
                    cvy_exchange_lane_for(&stepper->ranks, l, to, lane));
}

/* Pack one record for all ranks or, with divided sums, one for each other rank. */
static void pack_lane_for_all(const cvy_stepper *stepper, const cvy_exchange_layout *l, size_t lane)
{
    const cvy_comm *comm = stepper->ranks.comm;

    if (!l->is_divided) {
        pack_lane(stepper, l, cvy_comm_rank(comm), lane);
        return;
    }
    for (size_t to = 0; to < cvy_comm_size(comm); to++)
        if (to != cvy_comm_rank(comm))
            pack_lane(stepper, l, to, lane);
}

/* The rank that sums a tile. */
static size_t receiver_of(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t tile)
{
    size_t to = 0;

    if (!l->is_divided)
        return cvy_comm_rank(ranks->comm);
    while (tile >= ranks->tile_begin[to + 1])
        to++;
    return to;
}

/* Sum a tile over a subtree. Each layer that shares the tile's weights has a sum of its own. */
static void pack_tile(const cvy_stepper *stepper, const cvy_exchange_layout *l, size_t subtree,
                      size_t t)
{
    const size_t to = receiver_of(&stepper->ranks, l, t);
    cvy_tile tile = stepper->tiles[t];

    if (stepper->plan.layers[tile.layer].plan.gradient != CVY_GRADIENT_LANE)
        return;
    do {
        cvy_subtree_sum(stepper, subtree, to, &tile);
        tile.record += tile.count;
    } while ((tile.layer = stepper->plan.places[tile.layer].repeat) > 0);
}

/* Write the records of this rank's lanes and, tile by tile, of its subtrees. */
static void pack(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                 const cvy_exchange_layout *l)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_ranks *ranks = &stepper->ranks;
    const size_t rank = cvy_comm_rank(ranks->comm), lanes = part->own_end - part->own_begin;
    const size_t first = ranks->subtree_begin[rank];
    const bool has_subtrees = l->is_last && ranks->sends_subtrees;
    const size_t subtrees = has_subtrees ? ranks->subtree_begin[rank + 1] - first : 0;
    const size_t pieces = lanes + subtrees * stepper->tile_count;

    for (size_t i; (i = cvy_team_take(run->team, worker, pieces)) < pieces;)
        if (i < lanes)
            pack_lane_for_all(stepper, l, part->own_begin + i);
        else
            pack_tile(stepper, l, first + (i - lanes) % subtrees, (i - lanes) / subtrees);
}

static void unpack(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                   const cvy_exchange_layout *l)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_ranks *ranks = &stepper->ranks;
    const cvy_rank_share *share = &ranks->shares[cvy_comm_rank(ranks->comm)];
    const size_t count = part->lane_count;

    for (size_t lane; (lane = cvy_team_take(run->team, worker, count)) < count;)
        if (lane < part->own_begin || lane >= part->own_end)
            cvy_record_unpack(stepper, l->stage, share, lane,
                              cvy_exchange_received_lane(ranks, l, lane));
}

/* --- the exchange --- */

static void keep_failure(cvy_epoch_run *run, cvy_status status)
{
    cvy_ranks *ranks = &run->stepper->ranks;

    ranks->status = status;
    snprintf(ranks->sentence, sizeof ranks->sentence, "%s", cvy_error_message());
    run->is_stopped = true;
}

/* Measure the exchange, except during the warm-up. */
static void count_exchange(const cvy_stepper *stepper, const cvy_grain *part,
                           const cvy_comm_times *before)
{
    cvy_train_times *times = stepper->task->times;
    const cvy_comm_times now = cvy_comm_times_of(stepper->ranks.comm);

    if (times == NULL || part->call < times->warm_up)
        return;
    times->exchanges += now.exchanges - before->exchanges;
    times->exchange_bytes += now.bytes - before->bytes;
    times->exchange_seconds += now.seconds - before->seconds;
    times->sum_ranks = stepper->ranks.is_divided ? cvy_comm_size(stepper->ranks.comm) : 1;
}

/* Exchange the messages. Called by worker 0 while the others wait. */
static cvy_status carry(cvy_epoch_run *run, const cvy_grain *part, const cvy_exchange_layout *l)
{
    cvy_stepper *stepper = run->stepper;
    cvy_ranks *ranks = &stepper->ranks;
    const cvy_exchange_header mine = {
        .wants_stop = atomic_load_explicit(&ranks->wants_stop, memory_order_relaxed),
        .is_wild = cvy_guard_found(&stepper->guard.wild, part->call)
    };

    for (size_t to = 0; to < cvy_comm_size(ranks->comm); to++)
        *cvy_exchange_header_for(ranks, l, to) = mine;
    const cvy_comm_times before = cvy_comm_times_of(ranks->comm);
    const cvy_status status =
        l->is_divided ? cvy_comm_all_to_all(ranks->comm, &ranks->outgoing, &ranks->incoming)
                      : cvy_comm_gather(ranks->comm, &ranks->incoming);
    count_exchange(stepper, part, &before);
    return status;
}

/* Note whether a rank wants to stop or has found something wild. */
static void read_headers(cvy_epoch_run *run, const cvy_grain *part)
{
    cvy_ranks *ranks = &run->stepper->ranks;
    bool is_wild = false, wants_stop = false;

    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        const cvy_exchange_header *header = cvy_exchange_header_from(ranks, r);
        wants_stop = wants_stop || header->wants_stop != 0;
        is_wild = is_wild || header->is_wild != 0;
    }
    ranks->is_stopping = ranks->is_stopping || wants_stop;
    if (is_wild)
        atomic_store_explicit(&run->stepper->guard.wild, part->call + 1, memory_order_relaxed);
}

void cvy_ranks_exchange(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                        const cvy_stage *stage)
{
    const cvy_exchange_layout l = cvy_exchange_lay_out(run->stepper, part->lane_count, stage);
    cvy_worker_clock *clock = cvy_clocks_worker(&run->stepper->clocks, worker);

    if (worker == 0)
        cvy_exchange_place_parts(&run->stepper->ranks, &l);
    cvy_run_meet(run, worker);
    pack(run, part, worker, &l);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    if (worker == 0) {
        const cvy_status status = carry(run, part, &l);
        if (status == CVY_OK)
            read_headers(run, part);
        else
            keep_failure(run, status);
    }
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    unpack(run, part, worker, &l);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
}

void cvy_ranks_complete_gradients(cvy_epoch_run *run, const cvy_grain *part)
{
    cvy_stepper *stepper = run->stepper;
    cvy_ranks *ranks = &stepper->ranks;
    const cvy_comm_times before = cvy_comm_times_of(ranks->comm);
    const cvy_status status = ranks->is_fast ? cvy_comm_sum(ranks->comm, stepper->gradients,
                                                            stepper->task->model->trained_floats)
                                             : cvy_comm_gather(ranks->comm, &ranks->sums);

    count_exchange(stepper, part, &before);
    if (status != CVY_OK)
        keep_failure(run, status);
}
