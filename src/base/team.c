#define _GNU_SOURCE
#include "base/team.h"

#include <limits.h>
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/clock.h"
#include "base/threads.h"
#include "base/topology.h"

/* --- waiting ---
 *
 * A worker that waits first spins, for longer than the others usually take to arrive (about 30
 * microseconds): that is faster than sleeping and being woken. Then it sleeps until the last worker
 * to arrive wakes it. If other processes want the cores, a worker that has spun for long has used
 * up its share of the core, and the scheduler runs them first when it wakes. So after a long wait a
 * worker spins less, and then a little more from meeting to meeting. */
enum { SPINS_MIN = 500, SPINS_MAX = 2000, SPINS_STEP = 8, LONG_WAIT_NANOSECONDS = 300000 };

static _Thread_local unsigned spins_of_worker = SPINS_MAX;

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Sleep until the phase may have changed; returns at the latest when a change is announced. */
#if defined(__linux__)
static void sleep_in(atomic_uint *phase, unsigned seen)
{
    syscall(SYS_futex, phase, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void announce(atomic_uint *phase)
{
    syscall(SYS_futex, phase, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
#else
static void sleep_in(atomic_uint *phase, unsigned seen)
{
    static const struct timespec nap = { 0, 50000 };

    (void)phase, (void)seen;
    nanosleep(&nap, NULL);
}

static void announce(atomic_uint *phase)
{
    (void)phase;
}
#endif

/* Spin; returns whether the phase has changed. */
static bool spin(cvy_barrier *barrier, unsigned phase, unsigned spins)
{
    for (unsigned i = 0; i < spins; i++) {
        if (atomic_load_explicit(&barrier->phase, memory_order_acquire) != phase)
            return true;
        pause_briefly();
    }
    return false;
}

/* Either the last worker to arrive sees this one among the sleepers, or this one sees the new
 * phase: both write first and then read, and all four operations have a single order. */
static uint64_t sleep_until_changed(cvy_barrier *barrier, unsigned phase)
{
    const uint64_t start = cvy_clock_nanoseconds();

    atomic_fetch_add(&barrier->sleepers, 1);
    while (atomic_load(&barrier->phase) == phase)
        sleep_in(&barrier->phase, phase);
    atomic_fetch_sub(&barrier->sleepers, 1);
    return cvy_clock_nanoseconds() - start;
}

/* The last worker to arrive begins the next phase. */
static bool arrive(cvy_barrier *barrier, unsigned phase, size_t size)
{
    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 != size)
        return false;
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_store(&barrier->phase, phase + 1);
    if (atomic_load(&barrier->sleepers) > 0)
        announce(&barrier->phase);
    return true;
}

/* With more workers than processors, some of the others cannot be running, so spinning is
 * useless. */
static unsigned choose_spins(size_t team_size)
{
    return team_size <= cvy_topology_detect()->allowed_cpus ? spins_of_worker : 0;
}

void cvy_barrier_meet(cvy_barrier *barrier, size_t size, size_t team_size)
{
    const unsigned phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);
    const unsigned more = spins_of_worker + SPINS_STEP;

    if (arrive(barrier, phase, size))
        return;
    const bool has_slept = !spin(barrier, phase, choose_spins(team_size));
    if (has_slept && sleep_until_changed(barrier, phase) > LONG_WAIT_NANOSECONDS)
        spins_of_worker = SPINS_MIN;
    else
        spins_of_worker = more < SPINS_MAX ? more : SPINS_MAX;
}

/* The leader's work between jobs may take long, so this wait does not adjust the spinning. */
static void meet_leader(cvy_barrier *barrier, size_t team_size)
{
    const unsigned phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);

    if (!arrive(barrier, phase, team_size) && !spin(barrier, phase, choose_spins(team_size)))
        sleep_until_changed(barrier, phase);
}

/* --- sharing work --- */

static unsigned phase_of(cvy_team *team)
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

/* No worker reads the next phase's hands until all have arrived. */
static void forget_taken(cvy_team *team, size_t worker)
{
    atomic_store_explicit(&team->hands[worker].taken[1 - phase_of(team)], 0, memory_order_relaxed);
}

void cvy_team_meet(cvy_team *team, size_t worker)
{
    forget_taken(team, worker);
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

/* The loop of all workers except the leader: wait for jobs. */
static void serve(cvy_team *team, size_t worker)
{
    for (;;) {
        forget_taken(team, worker);
        meet_leader(&team->barrier, team->size);
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
    const int is_dynamic = omp_get_dynamic();
    cvy_status status = cvy_threads_prepare(size);

    if (status == CVY_OK)
        status = cvy_memory_create(size, sizeof *team.hands, &team.hands);
    if (status != CVY_OK)
        return status;
    omp_set_dynamic(false); /* the requested number, whatever the load (OMP_DYNAMIC) */
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
    omp_set_dynamic(is_dynamic);
    cvy_memory_free(team.hands);
    return status;
}
