/* The workers of a run. One parallel region is open as long as the team is there: its leader,
 * worker 0, goes about its business and now and then calls all workers, itself among them, to a job.
 * Between jobs the others wait.
 *
 * In a job the workers share out numbered pieces of work and wait for each other: a phase is to
 * take pieces until none is left, then to meet. Each worker has pieces of its own, the same ones in
 * every phase of as many pieces, so that what they touch stays in its caches and its memory node;
 * only when they are done does it take over others'. Waiting costs nothing as long as the others
 * are about to arrive, and gives the core away when they are not: OpenMP's own barrier would spin
 * for milliseconds on a machine that is busy with other things. */
#ifndef CVY_BASE_TEAM_H
#define CVY_BASE_TEAM_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"
#include "convoy/train.h"

/* Where some workers wait for each other. Begins zeroed. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_size_t arrived;
    _Alignas(CVY_CACHE_LINE) atomic_size_t phase;
} cvy_barrier;

/** Wait until `size` workers have come, of `team_size` that are at work. What each of them wrote
 *  before, all of them read after. */
void cvy_barrier_meet(cvy_barrier *barrier, size_t size, size_t team_size);

typedef struct cvy_team cvy_team;
typedef void cvy_team_job(void *context, cvy_team *team, size_t worker);

/* How many of a worker's own pieces are taken, in phases of even and of odd number. */
typedef struct {
    _Alignas(CVY_CACHE_LINE) atomic_size_t taken[2];
} cvy_team_hand;

struct cvy_team {
    size_t size; /* workers that the system gave, at least 1 and at most what was asked for */
    cvy_team_job *job;
    void *context;
    cvy_team_hand *hands; /* [size] */
    cvy_barrier barrier;
};

/**
 * Assemble up to `size` workers, each where `bind` says, and let the calling thread lead them.
 * What the leader returns is returned; or CVY_ERR_MEMORY, and the leader was not called.
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
