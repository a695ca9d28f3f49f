/* Clocks inside the step: each worker adds up the time of each phase on its own cache lines.
 * With a zeroed cvy_clocks nothing is timed, and a mark costs one test of a pointer. */
#ifndef CVY_TRAIN_CLOCKS_H
#define CVY_TRAIN_CLOCKS_H

#include "base/clock.h"
#include "base/memory.h"
#include "convoy/train.h"

typedef struct {
    _Alignas(CVY_CACHE_LINE) uint64_t last; /* when the running phase began */
    uint64_t start;                         /* the end of the warm-up */
    uint64_t spent[CVY_PHASE_COUNT];
    uint64_t *starts; /* [step_room] when this worker began each step after the warm-up */
    int first_cpu, last_cpu;
} cvy_worker_clock;

typedef struct {
    cvy_train_times *times;
    cvy_worker_clock *workers; /* NULL: no clocks */
    double start;              /* seconds when worker 0 reached the end of the warm-up */
    uint64_t *starts;          /* [threads][step_room] */
    double *step_seconds;      /* [step_room] */
    size_t step_room, steps_timed;
} cvy_clocks;

/** Create the clocks. Reads times->warm_up; cvy_clocks_finish() writes the other members.
 *  step_seconds: [step_room], becomes times->step_seconds, so it must outlive `times`. Returns
 *  CVY_ERR_MEMORY. */
cvy_status cvy_clocks_create(cvy_train_times *times, size_t threads, double *step_seconds,
                             size_t step_room, cvy_clocks *clocks);
void cvy_clocks_release(cvy_clocks *clocks);

/** The worker's clock, or NULL. */
static inline cvy_worker_clock *cvy_clocks_worker(const cvy_clocks *clocks, size_t worker)
{
    return clocks->workers != NULL ? &clocks->workers[worker] : NULL;
}

/** Charge the time since the worker's last mark to this phase. */
static inline void cvy_worker_clock_mark(cvy_worker_clock *clock, cvy_phase phase)
{
    if (clock == NULL)
        return;
    const uint64_t now = cvy_clock_ticks();
    clock->spent[phase] += now - clock->last;
    clock->last = now;
}

/* Called by every worker on entering and leaving the region, and before each step. Steps count from
 * the first of the run; a step trains on `images` images. */
void cvy_clocks_enter(cvy_clocks *clocks, size_t worker);
void cvy_clocks_begin_step(cvy_clocks *clocks, size_t worker, size_t step, size_t images);
void cvy_clocks_leave(cvy_clocks *clocks, size_t worker);

/** Called after a region: update `times`. workers: of the region; steps: done so far in the run. */
void cvy_clocks_finish(cvy_clocks *clocks, size_t workers, size_t steps);

#endif
