#define _GNU_SOURCE
#include "train/clocks.h"

#include <sched.h>
#include <string.h>

cvy_status cvy_clocks_create(cvy_train_times *times, size_t threads, double *step_seconds,
                             size_t step_room, cvy_clocks *clocks)
{
    *clocks = (cvy_clocks){ .times = times, .step_seconds = step_seconds, .step_room = step_room };
    times->images = 0;
    cvy_status status = cvy_memory_create(threads, sizeof *clocks->workers, &clocks->workers);
    if (status == CVY_OK)
        status = cvy_memory_create(threads, step_room * sizeof *clocks->starts, &clocks->starts);
    for (size_t i = 0; status == CVY_OK && i < threads; i++) {
        clocks->workers[i].first_cpu = clocks->workers[i].last_cpu = -1;
        clocks->workers[i].starts = clocks->starts + i * step_room;
    }
    return status;
}

void cvy_clocks_release(cvy_clocks *clocks)
{
    cvy_memory_free(clocks->workers);
    cvy_memory_free(clocks->starts);
    *clocks = (cvy_clocks){ 0 };
}

void cvy_clocks_enter(cvy_clocks *clocks, size_t worker)
{
    if (clocks->workers != NULL)
        clocks->workers[worker].last = cvy_clock_ticks();
}

void cvy_clocks_begin_step(cvy_clocks *clocks, size_t worker, size_t step, size_t images)
{
    cvy_worker_clock *clock = cvy_clocks_worker(clocks, worker);

    if (clock == NULL || step < clocks->times->warm_up)
        return;
    if (step == clocks->times->warm_up) {
        memset(clock->spent, 0, sizeof clock->spent);
        clock->first_cpu = sched_getcpu();
        if (worker == 0)
            clocks->start = cvy_clock_seconds();
        clock->start = clock->last = cvy_clock_ticks();
    }
    if (worker == 0)
        clocks->times->images += images;
    if (step - clocks->times->warm_up < clocks->step_room)
        clock->starts[step - clocks->times->warm_up] = cvy_clock_ticks();
}

void cvy_clocks_leave(cvy_clocks *clocks, size_t worker)
{
    if (clocks->workers != NULL)
        clocks->workers[worker].last_cpu = sched_getcpu();
}

/* When the first worker began the timed steps; it may have left the barrier before worker 0. */
static uint64_t first_start(const cvy_clocks *clocks, size_t workers)
{
    uint64_t first = clocks->workers[0].start;

    for (size_t i = 1; i < workers; i++)
        if (clocks->workers[i].start < first)
            first = clocks->workers[i].start;
    return first;
}

/* A step begins when its first worker begins: the system may delay any one of them. */
static uint64_t step_start(const cvy_clocks *clocks, size_t workers, size_t step)
{
    uint64_t first = clocks->workers[0].starts[step];

    for (size_t i = 1; i < workers; i++)
        if (clocks->workers[i].starts[step] < first)
            first = clocks->workers[i].starts[step];
    return first;
}

/* Time the steps of the region that has just ended; its last step ends now. */
static void time_steps(cvy_clocks *clocks, size_t workers, double tick_seconds, uint64_t now)
{
    cvy_train_times *times = clocks->times;
    const size_t steps = times->steps;

    if (steps > clocks->step_room)
        return;
    for (size_t i = clocks->steps_timed; i < steps; i++) {
        const uint64_t end = i + 1 < steps ? step_start(clocks, workers, i + 1) : now;
        clocks->step_seconds[i] = tick_seconds * (double)(end - step_start(clocks, workers, i));
    }
    clocks->steps_timed = steps;
    times->step_seconds = clocks->step_seconds;
}

void cvy_clocks_finish(cvy_clocks *clocks, size_t workers, size_t steps)
{
    cvy_train_times *times = clocks->times;

    if (clocks->workers == NULL || steps <= times->warm_up)
        return;
    times->workers = workers < CVY_WORKERS_MAX ? workers : CVY_WORKERS_MAX;
    times->steps = steps - times->warm_up;
    const double now = cvy_clock_seconds();
    const uint64_t now_ticks = cvy_clock_ticks();
    const double tick_seconds =
        (now - clocks->start) / (double)(now_ticks - clocks->workers[0].start);
    time_steps(clocks, workers, tick_seconds, now_ticks);
    times->seconds = tick_seconds * (double)(now_ticks - first_start(clocks, workers));
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++) {
        double ticks = 0;
        for (size_t i = 0; i < workers; i++)
            ticks += (double)clocks->workers[i].spent[phase];
        times->phases[phase] = ticks * tick_seconds / (double)workers;
    }
    for (size_t i = 0; i < times->workers; i++) {
        times->first_cpu[i] = clocks->workers[i].first_cpu;
        times->last_cpu[i] = clocks->workers[i].last_cpu;
    }
}
