/* The workers of a run. One parallel region is open as long as the team exists: its leader, worker 0,
 * runs serially and from time to time starts a job on all workers, itself included. Between jobs the
 * others wait.
 *
 * In a job the workers share numbered pieces of work and wait for each other: a phase is to take pieces
 * until none is left, then to meet. Each worker has pieces of its own, the same ones in every phase of as
 * many pieces, so that what they touch stays in its caches and its memory node; a worker that finishes
 * early steals pieces from the others. Workers that wait spin briefly and then sleep, so that a core that
 * others need is given away: OpenMP's own barrier would spin for milliseconds. */
#ifndef CVY_BASE_TEAM_H
#define CVY_BASE_TEAM_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"
#include "convoy/train.h"

/* Where some workers wait for each other. Begins zeroed. Who arrives writes the first line; only the
 * last one to arrive writes the second, which those who wait read. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_uint arrived;
    atomic_uint sleepers;
    _Alignas(CVY_CACHE_LINE) atomic_uint phase;
} cvy_barrier;

/** Wait until `size` workers have arrived; `team_size` are at work in all. What each of them wrote
 *  before, all of them can read after. */
void cvy_barrier_meet(cvy_barrier *barrier, size_t size, size_t team_size);

typedef struct cvy_team cvy_team;
typedef void cvy_team_job(void *context, cvy_team *team, size_t worker);

/* How many of a worker's own pieces are taken, in phases of even and of odd number. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_size_t taken[2];
} cvy_team_hand;

struct cvy_team {
    size_t size; /* workers: at least 1, at most what was asked for (cvy_threads_granted) */
    cvy_team_job *job;
    void *context;
    cvy_team_hand *hands; /* [size] */
    cvy_barrier barrier;
};

/**
 * Start up to `size` workers, each where `bind` says, and let the calling thread lead them.
 * Returns what the leader returns, or, without calling it, CVY_ERR_MEMORY, or what
 * cvy_threads_prepare() returns.
 */
cvy_status cvy_team_run(size_t size, cvy_bind bind,
                        cvy_status (*lead)(void *context, cvy_team *team), void *context);

/** Called by the leader: all workers do the job, and have done it when this returns. */
void cvy_team_do(cvy_team *team, cvy_team_job *job, void *context);

/** In a job: the worker's next piece of this phase's 0 to count - 1, or count when none is left;
 *  each is given out once. */
size_t cvy_team_take(cvy_team *team, size_t worker, size_t count);

/** In a job: the end of a phase, which all workers come to. */
void cvy_team_meet(cvy_team *team, size_t worker);

#endif
