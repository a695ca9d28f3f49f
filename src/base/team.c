#include "base/team.h"

#include <sched.h>

#include "base/topology.h"

enum { SPINS = 2000 }; /* some 50 microseconds, less than it costs to sleep and wake */

void cvy_team_init(cvy_team *team, size_t size)
{
    team->size = size;
    team->spins = size <= cvy_topology_detect()->allowed_cpus ? SPINS : 0;
    atomic_init(&team->taken, 0);
    atomic_init(&team->arrived, 0);
    atomic_init(&team->phase, 0);
}

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void cvy_team_meet(cvy_team *team)
{
    const size_t phase = atomic_load_explicit(&team->phase, memory_order_relaxed);

    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->size) {
        atomic_store_explicit(&team->taken, 0, memory_order_relaxed);
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->phase, phase + 1, memory_order_release);
        return;
    }
    for (unsigned spin = 0; atomic_load_explicit(&team->phase, memory_order_acquire) == phase;
         spin += spin < team->spins) {
        if (spin < team->spins)
            pause_briefly();
        else
            sched_yield();
    }
}
