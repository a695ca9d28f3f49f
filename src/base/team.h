/* Workers of a parallel region that share out numbered pieces of work and wait for each other.
 * A phase is: take pieces until none is left, then meet. Waiting costs nothing as long as the
 * others are about to arrive, and gives the core away when they are not: OpenMP's own barrier
 * would spin for milliseconds on a machine that is busy with other things. */
#ifndef CVY_BASE_TEAM_H
#define CVY_BASE_TEAM_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"

typedef struct {
    size_t size; /* workers */
    unsigned spins;
    _Alignas(CVY_CACHE_LINE) atomic_size_t taken; /* pieces of this phase */
    _Alignas(CVY_CACHE_LINE) atomic_size_t arrived;
    _Alignas(CVY_CACHE_LINE) atomic_size_t phase;
} cvy_team;

/** Before any worker uses it. size is the number of workers, all of which must meet. */
void cvy_team_init(cvy_team *team, size_t size);

/** The next piece of this phase; each number from 0 on is given out once. */
static inline size_t cvy_team_take(cvy_team *team)
{
    return atomic_fetch_add_explicit(&team->taken, 1, memory_order_relaxed);
}

/** Wait for all workers. What each of them wrote before, all of them read after; the pieces start
 *  from 0 again. */
void cvy_team_meet(cvy_team *team);

#endif
