#define _GNU_SOURCE
#include "base/team.h"

#include <omp.h>
#include <sched.h>
#include <time.h>

#include "base/topology.h"

/* Some 50 microseconds of looking, less than it costs to sleep and wake; then some milliseconds of
 * letting others go first; then sleep. */
enum { SPINS = 2000, YIELDS = 10000, NAP_NANOSECONDS = 50000 };

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_a_little(unsigned *waited)
{
    static const struct timespec nap = { 0, NAP_NANOSECONDS };

    if (*waited < SPINS)
        pause_briefly();
    else if (*waited < SPINS + YIELDS)
        sched_yield();
    else
        nanosleep(&nap, NULL);
    *waited += *waited < SPINS + YIELDS;
}

void cvy_barrier_meet(cvy_barrier *barrier, size_t size, size_t team_size)
{
    const size_t phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);
    unsigned waited = team_size <= cvy_topology_detect()->allowed_cpus ? 0 : SPINS;

    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == size) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->phase, phase + 1, memory_order_release);
        return;
    }
    while (atomic_load_explicit(&barrier->phase, memory_order_acquire) == phase)
        wait_a_little(&waited);
}

static size_t phase_of(cvy_team *team)
{
    return atomic_load_explicit(&team->barrier.phase, memory_order_relaxed) % 2;
}

size_t cvy_team_take(cvy_team *team, size_t worker, size_t count)
{
    const size_t phase = phase_of(team);

    for (size_t i = 0; i < team->size; i++) {
        const size_t owner = (worker + i) % team->size;
        const size_t begin = count * owner / team->size;
        const size_t own = count * (owner + 1) / team->size - begin;
        atomic_size_t *taken = &team->hands[owner].taken[phase];
        if (atomic_load_explicit(taken, memory_order_relaxed) >= own)
            continue;
        const size_t piece = atomic_fetch_add_explicit(taken, 1, memory_order_relaxed);
        if (piece < own)
            return begin + piece;
    }
    return count;
}

/* Nobody looks at the other phase's hands until all have come. */
void cvy_team_meet(cvy_team *team, size_t worker)
{
    atomic_store_explicit(&team->hands[worker].taken[1 - phase_of(team)], 0, memory_order_relaxed);
    cvy_barrier_meet(&team->barrier, team->size, team->size);
}

void cvy_team_do(cvy_team *team, cvy_team_job *job, void *context)
{
    team->job = job;
    team->context = context;
    cvy_team_meet(team, 0);
    job(context, team, 0);
    cvy_team_meet(team, 0);
}

/* What workers do whom the leader has not called: wait until it does. */
static void serve(cvy_team *team, size_t worker)
{
    for (;;) {
        cvy_team_meet(team, worker);
        if (team->job == NULL)
            return;
        team->job(team->context, team, worker);
        cvy_team_meet(team, worker);
    }
}

static void dismiss(cvy_team *team)
{
    team->job = NULL;
    cvy_team_meet(team, 0);
}

cvy_status cvy_team_run(size_t size, cvy_bind bind,
                        cvy_status (*lead)(void *context, cvy_team *team), void *context)
{
    cvy_team team = { .size = 1 };
    cvy_status status = cvy_memory_create(size, sizeof *team.hands, &team.hands);

    if (status != CVY_OK)
        return status;
#pragma omp parallel num_threads((int)size)
    {
        const size_t worker = (size_t)omp_get_thread_num();
        cvy_cpu_mask before;
        cvy_topology_bind(bind, worker, &before);
#pragma omp single
        team.size = (size_t)omp_get_num_threads();
        if (worker == 0) {
            status = lead(context, &team);
            dismiss(&team);
        } else {
            serve(&team, worker);
        }
        cvy_topology_unbind(bind, &before);
    }
    cvy_memory_free(team.hands);
    return status;
}
