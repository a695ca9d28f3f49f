/* The workers of a run. One parallel region is open while the team exists: its leader, worker 0,
 * runs serially and from time to time starts a job on all workers, itself included. Between jobs
 * the others wait.
 *
 * In a job the workers share numbered pieces of work and wait for each other: in each phase they
 * take pieces until none is left, and then meet. Each worker owns some pieces, the same ones in
 * every phase with as many pieces, so that their data stay in its caches and its memory node; a
 * worker that finishes early steals pieces from the others. Workers that wait spin briefly and then
 * sleep, to leave their cores to others: OpenMP's own barrier would spin for milliseconds. */
#ifndef CVY_BASE_TEAM_H
#define CVY_BASE_TEAM_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"
#include "convoy/train.h"

/* A barrier for some workers. Starts zeroed. Each arriving worker writes the first cache line; only
 * the last one to arrive writes the second, which the waiting workers read. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_uint arrived;
    atomic_uint sleepers;
    _Alignas(CVY_CACHE_LINE) atomic_uint phase;
} cvy_barrier;

/** Wait until `size` workers have arrived; `team_size` workers are running in total. Everything
 *  that they wrote before is visible to all of them afterwards. */
void cvy_barrier_meet(cvy_barrier *barrier, size_t size, size_t team_size);

typedef struct cvy_team cvy_team;
typedef void cvy_team_job(void *context, cvy_team *team, size_t worker);

/* The number of a worker's own pieces that are taken, in even and in odd phases. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_size_t taken[2];
} cvy_team_hand;

struct cvy_team {
    size_t size; /* workers: at least 1, at most the requested number (cvy_threads_granted) */
    cvy_team_job *job;
    void *context;
    cvy_team_hand *hands; /* [size] */
    cvy_barrier barrier;
};

/**
 * Start up to `size` workers, pinned according to `bind`, and let the calling thread lead them.
 * Returns what the leader returns or, without calling it, CVY_ERR_MEMORY or what
 * cvy_threads_prepare() returns.
 */
cvy_status cvy_team_run(size_t size, cvy_bind bind,
                        cvy_status (*lead)(void *context, cvy_team *team), void *context);

/** Called by the leader: run the job on all workers and wait until they have finished. */
void cvy_team_do(cvy_team *team, cvy_team_job *job, void *context);

/** In a job: the worker's next piece of this phase's 0 to count - 1, or count if none is left; each
 *  piece is given out once. */
size_t cvy_team_take(cvy_team *team, size_t worker, size_t count);

/** In a job: end a phase. Called by all workers. */
void cvy_team_meet(cvy_team *team, size_t worker);

#endif
