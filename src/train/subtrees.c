#include "train/subtrees.h"

#include <string.h>

#include "base/minmax.h"
#include "train/exchange_parts.h"

/* --- the tree of a grain's lanes, as in kernels->lane->tree_sum() --- */

/* The left half of `count` >= 2 lanes: the largest power of two below `count`. */
static size_t left_half(size_t count)
{
    size_t half = 1;

    while (2 * half < count)
        half *= 2;
    return half;
}

static size_t owner_of(const cvy_ranks *ranks, size_t lane, size_t lane_count)
{
    size_t rank = 0;

    while (lane >= cvy_comm_begin(ranks->comm, rank + 1, lane_count))
        rank++;
    return rank;
}

/* Append the subtrees of `count` lanes from `first`, from left to right. */
static void divide(cvy_ranks *ranks, size_t first, size_t count, size_t lane_count)
{
    const size_t rank = owner_of(ranks, first, lane_count);

    if (first + count <= cvy_comm_begin(ranks->comm, rank + 1, lane_count)) {
        ranks->subtrees[ranks->subtree_count++] = (cvy_subtree){ first, count };
        return;
    }
    const size_t half = left_half(count);
    divide(ranks, first, half, lane_count);
    divide(ranks, first + half, count - half, lane_count);
}

void cvy_subtrees_plan(cvy_ranks *ranks, size_t lane_count)
{
    const size_t size = cvy_comm_size(ranks->comm);

    if (ranks->planned_lanes == lane_count)
        return;
    ranks->planned_lanes = lane_count;
    ranks->subtree_count = 0;
    divide(ranks, 0, lane_count, lane_count);
    for (size_t rank = 0, i = 0; rank <= size; rank++) {
        const size_t begin = cvy_comm_begin(ranks->comm, rank, lane_count);
        while (i < ranks->subtree_count && ranks->subtrees[i].first < begin)
            i++;
        ranks->subtree_begin[rank] = i;
    }
    /* 2 bytes per value and lane (bf16), or 4 bytes per value and subtree */
    ranks->sends_subtrees =
        !ranks->is_fast && !(ranks->is_rounding && lane_count < 2 * ranks->subtree_count);
}

/* --- records --- */

/* The rank of a subtree; *left: how many subtrees that rank has from this one on. */
static size_t owner_of_subtree(const cvy_ranks *ranks, size_t subtree, size_t *left)
{
    size_t rank = 0;

    while (subtree >= ranks->subtree_begin[rank + 1])
        rank++;
    *left = ranks->subtree_begin[rank + 1] - subtree;
    return rank;
}

/* The received record of a subtree. */
static const char *received_record(const cvy_ranks *ranks, size_t subtree)
{
    size_t left;
    const size_t rank = owner_of_subtree(ranks, subtree, &left);
    const char *part = ranks->incoming.data + ranks->incoming.first[rank];

    return part + ranks->incoming.bytes[rank] -
           left * ranks->shares[cvy_comm_rank(ranks->comm)].subtree_bytes;
}

void cvy_subtree_sum(const cvy_stepper *stepper, size_t subtree, size_t to, const cvy_tile *tile)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_place *place = &plan->places[tile->layer];
    const cvy_ranks *ranks = &stepper->ranks;
    const cvy_subtree *lanes = &ranks->subtrees[subtree];
    const cvy_rank_share *share = &ranks->shares[to];
    size_t left;

    owner_of_subtree(ranks, subtree, &left);
    float *record = (float *)(void *)(cvy_exchange_end_for(ranks, ranks->is_divided, to) -
                                      left * share->subtree_bytes);
    plan->compute.kernels->lane->tree_sum(
        tile->count, lanes->count, place->gradient_stride,
        stepper->lane_gradients +
            cvy_lane_gradient_at(place, stepper->lanes_per_grain, lanes->first) + tile->lane_offset,
        false, record + (tile->record - share->record_begin));
}

/* --- adding up --- */

enum { BLOCK = 256 };

/* Reads the subtrees from left to right. */
typedef struct {
    const cvy_ranks *ranks;
    size_t subtree;       /* the next one */
    size_t offset, count; /* floats of a record */
} reader;

/* Sum over the next `lanes` lanes of the reader. Each level of the tree keeps one block. */
static void add_lanes(reader *r, size_t lanes, float *sum)
{
    const cvy_subtree *next = &r->ranks->subtrees[r->subtree];
    float left[BLOCK];

    if (next->count == lanes) {
        const char *record = received_record(r->ranks, r->subtree++);
        memcpy(sum, record + r->offset * sizeof *sum, r->count * sizeof *sum);
        return;
    }
    const size_t half = left_half(lanes);
    add_lanes(r, half, left);
    add_lanes(r, lanes - half, sum);
    for (size_t i = 0; i < r->count; i++)
        sum[i] = left[i] + sum[i];
}

void cvy_subtrees_add_up(const cvy_stepper *stepper, const cvy_tile *tile, bool accumulate,
                         float *gradient)
{
    const cvy_ranks *ranks = &stepper->ranks;
    const size_t first = tile->record - ranks->shares[cvy_comm_rank(ranks->comm)].record_begin;
    float sum[BLOCK];

    for (size_t i = 0; i < tile->count; i += BLOCK) {
        reader r = { .ranks = ranks,
                     .offset = first + i,
                     .count = cvy_min(tile->count - i, BLOCK) };
        add_lanes(&r, ranks->planned_lanes, sum);
        for (size_t k = 0; accumulate && k < r.count; k++)
            sum[k] = sum[k] + gradient[i + k];
        memcpy(gradient + i, sum, r.count * sizeof *sum);
    }
}
