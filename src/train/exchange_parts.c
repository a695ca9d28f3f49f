#include "train/exchange_parts.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/minmax.h"
#include "train/exchange_record.h"
#include "train/subtrees.h"

/* --- the shares of the ranks --- */

static const cvy_stage *last_stage(const cvy_stepper *stepper)
{
    return &stepper->plan.stages[stepper->plan.stage_count - 1];
}

static size_t record_floats_before(const cvy_stepper *stepper, size_t tile)
{
    return tile < stepper->tile_count ? stepper->tiles[tile].record : stepper->ranks.record_floats;
}

/* A share of the tiles. The sizes also depend on whether sums over subtrees are sent. */
static cvy_rank_share share_of(const cvy_stepper *stepper, size_t tile_begin, size_t tile_end)
{
    const size_t begin = record_floats_before(stepper, tile_begin);
    const size_t floats = record_floats_before(stepper, tile_end) - begin;
    cvy_rank_share share = { .tile_begin = tile_begin,
                             .tile_end = tile_end,
                             .record_begin = begin };

    share.lane_bytes = cvy_record_bytes(stepper, last_stage(stepper), &share);
    if (stepper->ranks.sends_subtrees)
        share.subtree_bytes = cvy_round_to_line(floats * sizeof(float));
    return share;
}

static void plan_shares(cvy_stepper *stepper)
{
    cvy_ranks *ranks = &stepper->ranks;
    const cvy_rank_share all = share_of(stepper, 0, stepper->tile_count);

    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++)
        ranks->shares[r] = ranks->is_divided
                               ? share_of(stepper, ranks->tile_begin[r], ranks->tile_begin[r + 1])
                               : all;
}

static void plan_lanes(cvy_stepper *stepper, size_t lane_count)
{
    cvy_subtrees_plan(&stepper->ranks, lane_count);
    plan_shares(stepper);
}

/* --- together or divided --- */

/* Bytes received in a grain by the rank that receives most. */
static double count_grain(cvy_stepper *stepper, size_t lanes)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t size = cvy_comm_size(ranks->comm);
    size_t most = 0;

    plan_lanes(stepper, lanes);
    for (size_t r = 0; r < size; r++) {
        const size_t own =
            cvy_comm_begin(ranks->comm, r + 1, lanes) - cvy_comm_begin(ranks->comm, r, lanes);
        const size_t own_subtrees = ranks->subtree_begin[r + 1] - ranks->subtree_begin[r];
        most = cvy_max(most,
                       (lanes - own) * ranks->shares[r].lane_bytes +
                           (ranks->subtree_count - own_subtrees) * ranks->shares[r].subtree_bytes);
    }
    return (double)(most + (size - 1) * sizeof(cvy_exchange_header));
}

static double count_batch(cvy_stepper *stepper, size_t lanes, bool is_divided)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t grain = stepper->lanes_per_grain, grains = lanes / grain, rest = lanes % grain;
    double bytes = 0;

    ranks->is_divided = is_divided;
    if (grains > 0)
        bytes += (double)grains * count_grain(stepper, grain);
    if (rest > 0)
        bytes += count_grain(stepper, rest);
    return is_divided ? bytes + (double)ranks->most_sums : bytes;
}

void cvy_exchange_plan(cvy_stepper *stepper, size_t batch_count, size_t lane_count)
{
    cvy_ranks *ranks = &stepper->ranks;

    if (ranks->planned_batch != batch_count) {
        const size_t lanes = cvy_lanes_of(batch_count);
        const double together = count_batch(stepper, lanes, false);
        ranks->is_divided = ranks->can_divide && count_batch(stepper, lanes, true) < together;
        ranks->planned_batch = batch_count;
        ranks->planned_lanes = 0;
    }
    if (ranks->planned_lanes != lane_count)
        plan_lanes(stepper, lane_count);
}

/* --- allocation --- */

/* Lay out a subtree's record: each tile has one place for every layer that uses its weights. */
static void place_records(cvy_stepper *stepper)
{
    const cvy_plan *plan = &stepper->plan;
    size_t floats = 0;

    for (size_t t = 0; t < stepper->tile_count; t++) {
        cvy_tile *tile = &stepper->tiles[t];
        size_t layer = tile->layer;
        tile->record = floats;
        if (plan->layers[layer].plan.gradient != CVY_GRADIENT_LANE)
            continue;
        do
            floats += tile->count;
        while ((layer = plan->places[layer].repeat) > 0);
    }
    stepper->ranks.record_floats = floats;
}

/* Divide the tiles in their order, so that all ranks have about as many weights. */
static void divide_tiles(cvy_stepper *stepper)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t size = cvy_comm_size(ranks->comm);
    size_t all = 0, before = 0, rank = 0;

    for (size_t t = 0; t < stepper->tile_count; t++)
        all += stepper->tiles[t].count;
    for (size_t t = 0; t < stepper->tile_count; t++) {
        const double middle = (double)before + (double)stepper->tiles[t].count / 2;
        while (rank + 1 < size && middle * (double)size >= (double)all * (double)(rank + 1))
            ranks->tile_begin[++rank] = t;
        before += stepper->tiles[t].count;
    }
    while (rank < size)
        ranks->tile_begin[++rank] = stepper->tile_count;
}

/* Place the ranks' parts of the gradients. Returns false if the tiles are out of order or too large for
 * MPI's counts. */
static bool place_sums(cvy_stepper *stepper)
{
    cvy_ranks *ranks = &stepper->ranks;
    size_t end = 0, all = 0, least = SIZE_MAX;

    ranks->sums.data = (char *)stepper->gradients;
    for (size_t t = 0; t < stepper->tile_count; t++) {
        if (stepper->tiles[t].first < end)
            return false;
        end = stepper->tiles[t].first + stepper->tiles[t].count;
    }
    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        const size_t first = ranks->tile_begin[r], after = ranks->tile_begin[r + 1];
        const cvy_tile *last = &stepper->tiles[after > first ? after - 1 : first];
        if (after > first) {
            ranks->sums.first[r] = stepper->tiles[first].first * sizeof(float);
            ranks->sums.bytes[r] =
                (last->first + last->count) * sizeof(float) - ranks->sums.first[r];
        }
        all += ranks->sums.bytes[r];
        least = cvy_min(least, ranks->sums.bytes[r]);
    }
    ranks->most_sums = all - least;
    return end <= INT_MAX / sizeof(float);
}

/* Upper bound of the bytes received per lane: its largest record and that of a subtree. */
static size_t count_received(cvy_stepper *stepper, bool sends_subtrees)
{
    const cvy_plan *plan = &stepper->plan;
    size_t largest = 0;

    stepper->ranks.sends_subtrees = sends_subtrees;
    const cvy_rank_share all = share_of(stepper, 0, stepper->tile_count);
    for (size_t i = 0; i < plan->stage_count; i++)
        largest = cvy_max(largest, cvy_record_bytes(stepper, &plan->stages[i], &all));
    return largest + all.subtree_bytes;
}

/* Upper bound of the bytes sent per lane with divided sums. */
static size_t count_sent(cvy_stepper *stepper, bool sends_subtrees)
{
    cvy_ranks *ranks = &stepper->ranks;
    size_t bytes = 0;

    ranks->sends_subtrees = sends_subtrees;
    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        const cvy_rank_share share =
            share_of(stepper, ranks->tile_begin[r], ranks->tile_begin[r + 1]);
        bytes += share.lane_bytes + share.subtree_bytes;
    }
    return bytes;
}

/* Report the sizes of records. */
static void describe_sizes(cvy_stepper *stepper, cvy_train_times *times)
{
    cvy_ranks *ranks = &stepper->ranks;

    ranks->sends_subtrees = !ranks->is_fast;
    const cvy_rank_share none = share_of(stepper, 0, 0);
    const cvy_rank_share all = share_of(stepper, 0, stepper->tile_count);
    times->lane_bytes = (double)none.lane_bytes;
    times->input_bytes = (double)cvy_record_input_bytes(stepper, &all);
    times->output_gradient_bytes = (double)(all.lane_bytes - none.lane_bytes) - times->input_bytes;
    times->subtree_bytes = (double)all.subtree_bytes;
    times->gradient_bytes = 0;
    for (size_t t = 0; t < stepper->tile_count; t++)
        times->gradient_bytes += (double)(stepper->tiles[t].count * sizeof(float));
}

static cvy_status create_places(cvy_comm_parts *parts, size_t size)
{
    cvy_status status = cvy_memory_create(size, sizeof *parts->bytes, &parts->bytes);
    return status == CVY_OK ? cvy_memory_create(size, sizeof *parts->first, &parts->first) : status;
}

static cvy_status create_lists(cvy_stepper *stepper)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t size = cvy_comm_size(ranks->comm);
    cvy_status status = create_places(&ranks->incoming, size);

    if (status == CVY_OK)
        status = create_places(&ranks->outgoing, size);
    if (status == CVY_OK)
        status = create_places(&ranks->sums, size);
    if (status == CVY_OK)
        status =
            cvy_memory_create(stepper->lanes_per_grain, sizeof *ranks->subtrees, &ranks->subtrees);
    if (status == CVY_OK)
        status = cvy_memory_create(size + 1, sizeof *ranks->subtree_begin, &ranks->subtree_begin);
    if (status == CVY_OK)
        status = cvy_memory_create(size + 1, sizeof *ranks->tile_begin, &ranks->tile_begin);
    return status == CVY_OK ? cvy_memory_create(size, sizeof *ranks->shares, &ranks->shares)
                            : status;
}

cvy_status cvy_exchange_parts_create(cvy_stepper *stepper)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t size = cvy_comm_size(ranks->comm), lanes = stepper->lanes_per_grain;
    cvy_status status = create_lists(stepper);

    if (status != CVY_OK)
        return status;
    place_records(stepper);
    divide_tiles(stepper);
    /* with is_fast neither subtrees nor gradients are sent */
    const size_t received =
        cvy_max(count_received(stepper, false), ranks->is_fast ? 0 : count_received(stepper, true));
    const size_t sent = cvy_max(count_sent(stepper, false), count_sent(stepper, true));
    const size_t in = (lanes + size) * (received + sizeof(cvy_exchange_header));
    const size_t out = (lanes / size + 1) * sent + size * sizeof(cvy_exchange_header);
    if (stepper->task->times != NULL)
        describe_sizes(stepper, stepper->task->times);
    ranks->can_divide = place_sums(stepper) && !ranks->is_fast && in <= INT_MAX && out <= INT_MAX;
    status = cvy_memory_create(in, 1, &ranks->incoming.data);
    return status == CVY_OK && ranks->can_divide ? cvy_memory_create(out, 1, &ranks->outgoing.data)
                                                 : status;
}

static void release_parts(cvy_comm_parts *parts)
{
    cvy_memory_free(parts->bytes);
    cvy_memory_free(parts->first);
}

void cvy_exchange_parts_release(cvy_ranks *ranks)
{
    cvy_memory_free(ranks->incoming.data);
    cvy_memory_free(ranks->outgoing.data);
    release_parts(&ranks->incoming);
    release_parts(&ranks->outgoing);
    release_parts(&ranks->sums); /* the stepper owns its data */
    cvy_memory_free(ranks->subtrees);
    cvy_memory_free(ranks->subtree_begin);
    cvy_memory_free(ranks->tile_begin);
    cvy_memory_free(ranks->shares);
}

/* --- the layout of messages --- */

cvy_exchange_layout cvy_exchange_lay_out(const cvy_stepper *stepper, size_t lane_count,
                                         const cvy_stage *stage)
{
    const bool is_last = cvy_stage_is_last(stepper, stage);

    return (cvy_exchange_layout){
        .stage = stage,
        .is_last = is_last,
        .is_divided = is_last && stepper->ranks.is_divided,
        .lanes = lane_count,
        .record = is_last ? 0 : cvy_record_bytes(stepper, stage, NULL),
    };
}

static size_t record_bytes(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t to)
{
    return l->is_last ? ranks->shares[to].lane_bytes : l->record;
}

/* Bytes that rank `from` sends to rank `to`. */
static size_t part_bytes(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t from,
                         size_t to)
{
    const size_t lanes = cvy_comm_begin(ranks->comm, from + 1, l->lanes) -
                         cvy_comm_begin(ranks->comm, from, l->lanes);
    const size_t subtrees =
        l->is_last ? ranks->subtree_begin[from + 1] - ranks->subtree_begin[from] : 0;

    return sizeof(cvy_exchange_header) + lanes * record_bytes(ranks, l, to) +
           subtrees * ranks->shares[to].subtree_bytes;
}

void cvy_exchange_place_parts(cvy_ranks *ranks, const cvy_exchange_layout *l)
{
    const size_t own = cvy_comm_rank(ranks->comm);
    size_t in = 0, out = 0;

    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        ranks->incoming.first[r] = in;
        ranks->incoming.bytes[r] = part_bytes(ranks, l, r, own);
        in += ranks->incoming.bytes[r];
        ranks->outgoing.first[r] = out;
        ranks->outgoing.bytes[r] = l->is_divided && r != own ? part_bytes(ranks, l, own, r) : 0;
        out += ranks->outgoing.bytes[r];
    }
}

/* The address and size of the message from this rank to rank `to`. */
static char *part_for(const cvy_ranks *ranks, bool is_divided, size_t to, size_t *bytes)
{
    const size_t own = cvy_comm_rank(ranks->comm);
    const bool stays = !is_divided || to == own;
    const cvy_comm_parts *parts = stays ? &ranks->incoming : &ranks->outgoing;
    const size_t part = stays ? own : to;

    *bytes = parts->bytes[part];
    return parts->data + parts->first[part];
}

char *cvy_exchange_end_for(const cvy_ranks *ranks, bool is_divided, size_t to)
{
    size_t bytes;
    char *part = part_for(ranks, is_divided, to, &bytes);

    return part + bytes;
}

cvy_exchange_header *cvy_exchange_header_for(const cvy_ranks *ranks, const cvy_exchange_layout *l,
                                             size_t to)
{
    size_t bytes;
    return (cvy_exchange_header *)(void *)part_for(ranks, l->is_divided, to, &bytes);
}

char *cvy_exchange_lane_for(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t to,
                            size_t lane)
{
    const size_t first = cvy_comm_begin(ranks->comm, cvy_comm_rank(ranks->comm), l->lanes);
    size_t bytes;

    return part_for(ranks, l->is_divided, to, &bytes) + sizeof(cvy_exchange_header) +
           (lane - first) * record_bytes(ranks, l, to);
}

const cvy_exchange_header *cvy_exchange_header_from(const cvy_ranks *ranks, size_t from)
{
    return (const cvy_exchange_header *)(const void *)(ranks->incoming.data +
                                                       ranks->incoming.first[from]);
}

char *cvy_exchange_received_lane(const cvy_ranks *ranks, const cvy_exchange_layout *l, size_t lane)
{
    size_t from = 0;

    while (lane >= cvy_comm_begin(ranks->comm, from + 1, l->lanes))
        from++;
    return ranks->incoming.data + ranks->incoming.first[from] + sizeof(cvy_exchange_header) +
           (lane - cvy_comm_begin(ranks->comm, from, l->lanes)) *
               record_bytes(ranks, l, cvy_comm_rank(ranks->comm));
}
