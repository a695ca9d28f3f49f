/* The clocks of a step: what workers spend adds up, and waiting is longest minus mean of the work. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <omp.h>
#include <time.h>

#include "train/clocks.h"

enum { WORKERS = 3, STEPS = 4, WARM_UP = 1 };

/* Asleep, so that the test needs no processor for each worker. */
static void work_for(long milliseconds)
{
    const struct timespec time = { 0, milliseconds * 1000000 };

    nanosleep(&time, NULL);
}

/* Each worker has another one's share in the next step, so that the longest of a step is nobody's
 * longest of all. */
static void do_steps(cvy_clocks *clocks, double longest[STEPS], double sums[STEPS])
{
#pragma omp parallel num_threads(WORKERS)
    {
        const size_t worker = (size_t)omp_get_thread_num();
        cvy_clocks_enter(clocks, worker);
#pragma omp barrier
        for (size_t step = 0; step < STEPS; step++) {
            cvy_clocks_begin_step(clocks, worker, step, 10);
            cvy_worker_clock *clock = cvy_clocks_worker(clocks, worker);
            const uint64_t before = clock->spent[CVY_PHASE_FORWARD] * (step > WARM_UP);
            work_for(10 + 30 * (long)((worker + step) % WORKERS));
            cvy_worker_clock_mark(clock, CVY_PHASE_FORWARD);
            const double work = (double)(clock->spent[CVY_PHASE_FORWARD] - before);
#pragma omp critical
            {
                longest[step] = fmax(longest[step], work);
                sums[step] += work;
            }
#pragma omp barrier
            cvy_worker_clock_mark(clock, CVY_PHASE_WAIT);
        }
        cvy_clocks_leave(clocks, worker);
    }
    cvy_clocks_finish(clocks, WORKERS, STEPS);
}

Test(clocks, waiting_is_longest_minus_mean)
{
    cvy_train_times times = { .warm_up = WARM_UP };
    cvy_clocks clocks;
    double step_seconds[STEPS - WARM_UP], step_sum = 0;
    double longest[STEPS] = { 0 }, sums[STEPS] = { 0 }, work = 0, waiting = 0;

    cr_assert(eq(int, cvy_clocks_create(&times, WORKERS, step_seconds, STEPS - WARM_UP, &clocks),
                 CVY_OK));
    do_steps(&clocks, longest, sums);
    for (size_t step = WARM_UP; step < STEPS; step++) {
        work += sums[step] / WORKERS;
        waiting += longest[step] - sums[step] / WORKERS;
    }
    const double forward = times.phases[CVY_PHASE_FORWARD], wait = times.phases[CVY_PHASE_WAIT];
    cr_expect(eq(sz, times.steps, STEPS - WARM_UP));
    cr_expect(eq(sz, times.workers, WORKERS));
    cr_expect(ge(dbl, forward, 0.119)); /* three steps of 40 ms on average */
    cr_expect(ge(dbl, wait, 0.06));     /* and 30 ms more for the longest of each */
    /* in ticks there and in seconds here; never less, and more by what the barrier takes, which on a busy machine is
     * as long as it is until every worker has been woken */
    cr_expect(ge(dbl, wait / forward, 0.95 * waiting / work), "%g against %g", wait / forward,
              waiting / work);
    cr_expect(le(dbl, wait / forward, waiting / work + 5), "%g against %g", wait / forward,
              waiting / work);
    cr_expect(le(dbl, fabs(forward + wait - times.seconds), 0.1 * times.seconds));
    cr_assert(eq(ptr, (void *)(uintptr_t)times.step_seconds, step_seconds));
    for (size_t step = 0; step < STEPS - WARM_UP; step++)
        step_sum += step_seconds[step];
    cr_expect(le(dbl, fabs(step_sum - times.seconds), 0.1 * times.seconds), "%g against %g",
              step_sum, times.seconds);
    cvy_clocks_release(&clocks);
}
