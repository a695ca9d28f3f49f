#include "train/exchange.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/minmax.h"

/* What a rank says before the records of its lanes; a cache line. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) uint64_t wants_stop;
    uint64_t is_wild; /* a lane of this batch is (train/guard.h) */
} header;

/* --- the record of a lane --- */

/* Walks through a record: its parts are copied into it or out of it, or only counted. */
typedef struct {
    char *record; /* NULL: only counted */
    size_t bytes; /* so far */
    bool is_packing;
} walk;

static void move(walk *w, void *data, size_t bytes)
{
    char *place = w->record != NULL ? w->record + w->bytes : NULL;

    w->bytes += (bytes + 7) / 8 * 8;
    if (place == NULL || bytes == 0)
        return;
    if (w->is_packing)
        memcpy(place, data, bytes);
    else
        memcpy(data, place, bytes);
}

/* Where element `index` of a buffer begins, some of which a model does not need. */
static void *at(void *buffer, size_t index, size_t bytes)
{
    return buffer != NULL ? (char *)buffer + index * bytes : NULL;
}

static void move_gradients(const cvy_stepper *stepper, size_t lane, walk *w)
{
    const cvy_plan *plan = &stepper->plan;
    const size_t store_bytes = plan->store_rows * CVY_LANE * sizeof(float);

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_place *place = &plan->places[i];
        const size_t first = cvy_lane_gradient_at(place, stepper->lanes_per_grain, lane);
        if (place->gradient_stride > 0)
            move(w, at(stepper->lane_gradients, first, sizeof(float)),
                 place->gradient_stride * sizeof(float));
    }
    move(w, at(stepper->store, lane, store_bytes), store_bytes);
}

/* What a lane leaves at the end of a stage. */
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
    if (stage != &plan->stages[plan->stage_count - 1])
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

cvy_status cvy_ranks_create(cvy_stepper *stepper, cvy_comm *comm)
{
    cvy_ranks *ranks = &stepper->ranks;
    const cvy_plan *plan = &stepper->plan;
    const size_t size = cvy_comm_size(comm);
    size_t largest = 0;

    ranks->comm = comm;
    if (comm == NULL)
        return CVY_OK;
    for (size_t i = 0; i < plan->stage_count; i++)
        largest = cvy_max(largest, count_record(stepper, &plan->stages[i]));
    cvy_status status = cvy_memory_create(size, sizeof *ranks->bytes, &ranks->bytes);
    if (status == CVY_OK)
        status = cvy_memory_create(size, sizeof *ranks->first, &ranks->first);
    if (status == CVY_OK) /* a header takes no more than a record and a line */
        status = cvy_memory_create(stepper->lanes_per_grain + size, largest + sizeof(header),
                                   &ranks->buffer);
    return status;
}

void cvy_ranks_release(cvy_ranks *ranks)
{
    cvy_memory_free(ranks->bytes);
    cvy_memory_free(ranks->first);
    cvy_memory_free(ranks->buffer);
}

static void lay_out(cvy_ranks *ranks, size_t lane_count, size_t record)
{
    for (size_t r = 0; r < cvy_comm_size(ranks->comm); r++) {
        const size_t begin = cvy_comm_begin(ranks->comm, r, lane_count);
        const size_t end = cvy_comm_begin(ranks->comm, r + 1, lane_count);
        ranks->first[r] = r * sizeof(header) + begin * record;
        ranks->bytes[r] = sizeof(header) + (end - begin) * record;
    }
}

/* The record of a lane, which a rank's header and those of the ranks before it precede. */
static char *record_of(const cvy_ranks *ranks, size_t lane_count, size_t lane, size_t record)
{
    size_t r = 0;

    while (lane >= cvy_comm_begin(ranks->comm, r + 1, lane_count))
        r++;
    return ranks->buffer + (r + 1) * sizeof(header) + lane * record;
}

/* --- the exchange --- */

static void pack(cvy_epoch_run *run, const cvy_grain *part, size_t worker, const cvy_stage *stage,
                 size_t record)
{
    const cvy_stepper *stepper = run->stepper;
    const size_t own = part->own_end - part->own_begin;

    for (size_t i; (i = cvy_team_take(run->team, worker, own)) < own;) {
        const size_t lane = part->own_begin + i;
        walk w = { .record = record_of(&stepper->ranks, part->lane_count, lane, record),
                   .is_packing = true };
        move_record(stepper, stage, lane, &w);
    }
}

static void unpack(cvy_epoch_run *run, const cvy_grain *part, size_t worker, const cvy_stage *stage,
                   size_t record)
{
    const cvy_stepper *stepper = run->stepper;

    for (size_t lane;
         (lane = cvy_team_take(run->team, worker, part->lane_count)) < part->lane_count;) {
        walk w = { .record = record_of(&stepper->ranks, part->lane_count, lane, record) };
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

/* The warm-up is not measured. */
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

/* By worker 0, while the others wait. */
static void carry(cvy_epoch_run *run, const cvy_grain *part, size_t record)
{
    cvy_stepper *stepper = run->stepper;
    cvy_ranks *ranks = &stepper->ranks;
    cvy_guard *guard = &stepper->guard;
    bool is_wild = false, wants_stop = false;

    lay_out(ranks, part->lane_count, record);
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
    const size_t record = count_record(run->stepper, stage);
    cvy_worker_clock *clock = cvy_clocks_worker(&run->stepper->clocks, worker);

    pack(run, part, worker, stage, record);
    cvy_run_meet(run, worker);
    if (worker == 0)
        carry(run, part, record);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
    unpack(run, part, worker, stage, record);
    cvy_worker_clock_mark(clock, CVY_PHASE_REDUCE);
    cvy_run_meet(run, worker);
}
