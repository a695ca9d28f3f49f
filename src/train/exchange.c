#include "train/exchange.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/minmax.h"
#include "train/subtrees.h"
#include "train/wire.h"

/* Precedes the records of a rank's lanes; one cache line. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) uint64_t wants_stop;
    uint64_t is_wild; /* a lane of this batch is wild (train/guard.h) */
} header;

/* --- the record of a lane --- */

/* A walk through a record that copies its parts in or out, or only counts their bytes. */
typedef struct {
    char *record; /* NULL: only count */
    size_t bytes; /* so far */
    bool is_packing;
} walk;

/* The address of the next part of the record; NULL if parts are only counted. */
static char *take_place(walk *w, size_t bytes)
{
    char *place = w->record != NULL && bytes > 0 ? w->record + w->bytes : NULL;

    w->bytes += (bytes + 7) / 8 * 8;
    return place;
}

static void move(walk *w, void *data, size_t bytes)
{
    char *place = take_place(w, bytes);

    if (place != NULL && w->is_packing)
        memcpy(place, data, bytes);
    else if (place != NULL)
        memcpy(data, place, bytes);
}

/* Copy floats that gradients are computed from. Those sent as bf16 have been rounded before. */
static void move_floats(walk *w, bool is_rounded, float *data, size_t count)
{
    if (!is_rounded) {
        move(w, data, count * sizeof *data);
        return;
    }
    uint16_t *place = (uint16_t *)(void *)take_place(w, count * sizeof(uint16_t));
    if (place != NULL && w->is_packing)
        cvy_wire_pack(count, data, place);
    else if (place != NULL)
        cvy_wire_unpack(count, place, data);
}

/* The address of element `index`; NULL for a buffer that the model does not need. */
static void *at(void *buffer, size_t index, size_t bytes)
{
    return buffer != NULL ? (char *)buffer + index * bytes : NULL;
}

static void move_gradients(const cvy_stepper *stepper, size_t lane, walk *w)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_ranks *ranks = &stepper->ranks;
    const size_t store = plan->store_rows * CVY_LANE;

    if (ranks->is_fast)
        return;
    for (size_t i = 0; i < plan->layer_count && !ranks->sends_subtrees; i++) {
        const cvy_place *place = &plan->places[i];
        const size_t first = cvy_lane_gradient_at(place, stepper->lanes_per_grain, lane);
        if (place->gradient_stride > 0)
            move_floats(w, ranks->is_rounding, at(stepper->lane_gradients, first, sizeof(float)),
                        place->gradient_stride);
    }
    move_floats(w, ranks->is_rounding, at(stepper->store, lane * store, sizeof(float)), store);
}

static bool is_last(const cvy_stepper *stepper, const cvy_stage *stage)
{
    return stage == &stepper->plan.stages[stepper->plan.stage_count - 1];
}

/* Copy the results of a lane at the end of a stage, except gradients that subtree records hold. */
static void move_record(const cvy_stepper *stepper, const cvy_stage *stage, size_t lane, walk *w)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_metrics *metrics = stepper->task->metrics;
    size_t sums = 0;

    if (stage->measured != CVY_NO_LAYER) {
        cvy_stage_totals(plan, stage, &sums);
        move(w, at(stepper->lane_sums, lane * plan->lane_sums, sizeof(double)),
             sums * sizeof(double));
    }
    if (!is_last(stepper, stage))
        return;
    move(w, &stepper->lane_loss[lane], sizeof *stepper->lane_loss);
    move(w, &stepper->lane_correct[lane], sizeof *stepper->lane_correct);
    if (stepper->lane_metrics != NULL)
        move(w, stepper->lane_metrics + lane * metrics->sum_count,
             metrics->sum_count * sizeof *stepper->lane_metrics);
    move_gradients(stepper, lane, w);
}

static size_t count_record(const cvy_stepper *stepper, const cvy_stage *stage)
{
    walk w = { 0 };

    move_record(stepper, stage, 0, &w);
    return cvy_round_to_line(w.bytes);
}

/* --- the buffer --- */

/* Bytes for one lane at most: its largest record, and that of a subtree. */
static size_t count_lane(cvy_stepper *stepper)
{
    const cvy_plan *plan = &stepper->plan;
    size_t largest = 0;

    for (size_t i = 0; i < plan->stage_count; i++)
        largest = cvy_max(largest, count_record(stepper, &plan->stages[i]));
    return largest + (stepper->ranks.sends_subtrees ? stepper->ranks.subtree_bytes : 0);
}

cvy_status cvy_ranks_create(cvy_stepper *stepper, cvy_comm *comm)
{
    cvy_ranks *ranks = &stepper->ranks;
    const size_t size = cvy_comm_size(comm), lanes = stepper->lanes_per_grain;

    ranks->comm = comm;
    ranks->is_rounding = stepper->task->wire == CVY_WIRE_BF16;
    if (comm == NULL)
        return CVY_OK;
    ranks->is_fast = stepper->task->fast_reduce;
    ranks->subtree_bytes = cvy_subtree_bytes(&stepper->plan);
    const size_t of_lanes = count_lane(stepper);
    ranks->sends_subtrees = !ranks->is_fast;
    const size_t of_subtrees = count_lane(stepper);
    cvy_status status = cvy_memory_create(size, sizeof *ranks->bytes, &ranks->bytes);
    if (status == CVY_OK)
        status = cvy_memory_create(size, sizeof *ranks->first, &ranks->first);
    if (status == CVY_OK)
        status = cvy_memory_create(lanes, sizeof *ranks->subtrees, &ranks->subtrees);
    if (status == CVY_OK)
        status = cvy_memory_create(size + 1, sizeof *ranks->subtree_begin, &ranks->subtree_begin);
    if (status == CVY_OK) /* leaves room for one header per rank */
        status = cvy_memory_create(lanes + size, cvy_max(of_lanes, of_subtrees) + sizeof(header),
                                   &ranks->buffer);
    return status;
}

void cvy_ranks_release(cvy_ranks *ranks)
{
    cvy_memory_free(ranks->bytes);
    cvy_memory_free(ranks->first);
    cvy_memory_free(ranks->subtrees);
    cvy_memory_free(ranks->subtree_begin);
    cvy_memory_free(ranks->buffer);
}

/* The layout of the buffer at the end of a stage. */
typedef struct {
    size_t lanes, record, subtree; /* record, subtree: bytes of a record; 0: no subtrees are sent */
} layout;

static layout plan_layout(const cvy_stepper *stepper, const cvy_grain *part, const cvy_stage *stage)
{
    const cvy_ranks *ranks = &stepper->ranks;
    const bool has_subtrees = is_last(stepper, stage) && ranks->sends_subtrees;

    return (layout){ part->lane_count, count_record(stepper, stage),
                     has_subtrees ? ranks->subtree_bytes : 0 };
}

/* The first byte of a rank's part; for the rank after the last, the end of the buffer. */
static size_t part_begin(const cvy_ranks *ranks, const layout *l, size_t rank)
{
    return rank * sizeof(header) + cvy_comm_begin(ranks->comm, rank, l->lanes) * l->record +
           ranks->subtree_begin[rank] * l->subtree;
}

static char *record_of(const cvy_ranks *ranks, const layout *l, size_t lane)
{
    size_t r = 0;

    while (lane >= cvy_comm_begin(ranks->comm, r + 1, l->lanes))
        r++;
    return ranks->buffer + part_begin(ranks, l, r) + sizeof(header) +
           (lane - cvy_comm_begin(ranks->comm, r, l->lanes)) * l->record;
}

static void lay_out(cvy_ranks *ranks, const layout *l)
{
    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        ranks->first[r] = part_begin(ranks, l, r);
        ranks->bytes[r] = part_begin(ranks, l, r + 1) - ranks->first[r];
    }
}

/* --- the exchange --- */

/* Write the records of this rank's lanes and, tile by tile, of its subtrees. */
static void pack(cvy_epoch_run *run, const cvy_grain *part, size_t worker, const cvy_stage *stage,
                 const layout *l)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_ranks *ranks = &stepper->ranks;
    const size_t rank = cvy_comm_rank(ranks->comm), lanes = part->own_end - part->own_begin;
    const size_t first = ranks->subtree_begin[rank];
    const size_t subtrees = l->subtree > 0 ? ranks->subtree_begin[rank + 1] - first : 0;
    const size_t pieces = lanes + subtrees * stepper->tile_count;

    for (size_t i; (i = cvy_team_take(run->team, worker, pieces)) < pieces;) {
        if (i < lanes) {
            walk w = { .record = record_of(ranks, l, part->own_begin + i), .is_packing = true };
            move_record(stepper, stage, part->own_begin + i, &w);
            continue;
        }
        cvy_tile tile = stepper->tiles[(i - lanes) / subtrees];
        if (stepper->plan.layers[tile.layer].plan.gradient != CVY_GRADIENT_LANE)
            continue;
        do /* and for each layer that repeats it */
            cvy_subtree_sum(stepper, first + (i - lanes) % subtrees, &tile);
        while ((tile.layer = stepper->plan.places[tile.layer].repeat) > 0);
    }
}

static void unpack(cvy_epoch_run *run, const cvy_grain *part, size_t worker, const cvy_stage *stage,
                   const layout *l)
{
    const cvy_stepper *stepper = run->stepper;

    for (size_t lane;
         (lane = cvy_team_take(run->team, worker, part->lane_count)) < part->lane_count;) {
        walk w = { .record = record_of(&stepper->ranks, l, lane) };
        if (lane < part->own_begin || lane >= part->own_end)
            move_record(stepper, stage, lane, &w);
    }
}

static void keep_failure(cvy_epoch_run *run, cvy_status status)
{
    cvy_ranks *ranks = &run->stepper->ranks;

    ranks->status = status;
    snprintf(ranks->sentence, sizeof ranks->sentence, "%s", cvy_error_message());
    run->is_stopped = true;
}

static header *header_of(const cvy_ranks *ranks, size_t rank)
{
    return (header *)(void *)(ranks->buffer + ranks->first[rank]);
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
}

/* Exchange the buffer. Called by worker 0 while the others wait. */
static void carry(cvy_epoch_run *run, const cvy_grain *part)
{
    cvy_stepper *stepper = run->stepper;
    cvy_ranks *ranks = &stepper->ranks;
    cvy_guard *guard = &stepper->guard;
    bool is_wild = false, wants_stop = false;

    *header_of(ranks, cvy_comm_rank(ranks->comm)) =
        (header){ .wants_stop = atomic_load_explicit(&ranks->wants_stop, memory_order_relaxed),
                  .is_wild = cvy_guard_found(&guard->wild, part->call) };
    const cvy_comm_times before = cvy_comm_times_of(ranks->comm);
    const cvy_status status =
        cvy_comm_gather(ranks->comm, ranks->buffer, ranks->bytes, ranks->first);
    count_exchange(stepper, part, &before);
    if (status != CVY_OK) {
        keep_failure(run, status);
        return;
    }
    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        wants_stop = wants_stop || header_of(ranks, r)->wants_stop != 0;
        is_wild = is_wild || header_of(ranks, r)->is_wild != 0;
    }
    ranks->is_stopping = ranks->is_stopping || wants_stop;
    if (is_wild)
        atomic_store_explicit(&guard->wild, part->call + 1, memory_order_relaxed);
}

void cvy_ranks_exchange(cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                        const cvy_stage *stage)
{
    const layout l = plan_layout(run->stepper, part, stage);
    cvy_worker_clock *clock = cvy_clocks_worker(&run->stepper->clocks, worker);

    /* cvy_subtree_record() reads this layout */
    if (worker == 0)
        lay_out(&run->stepper->ranks, &l);
    cvy_run_meet(run, worker);
    pack(run, part, worker, stage, &l);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    if (worker == 0)
        carry(run, part);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    unpack(run, part, worker, stage, &l);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
}

void cvy_ranks_sum(cvy_epoch_run *run, const cvy_grain *part)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_comm_times before = cvy_comm_times_of(stepper->ranks.comm);
    const cvy_status status =
        cvy_comm_sum(stepper->ranks.comm, stepper->gradients, stepper->task->model->trained_floats);

    count_exchange(stepper, part, &before);
    if (status != CVY_OK)
        keep_failure(run, status);
}
