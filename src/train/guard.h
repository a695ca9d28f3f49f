/* The guard against numbers that are not finite: NaN or infinite. It checks
 *     the loss of a batch,
 *     the lanes' contributions to the gradients, after each lane's backward pass, and
 *     each tile of new weights, while it is in the cache,
 * so a bad step is refused before it changes a weight, or noticed at once if the update itself made
 * a weight infinite. Values so large that their sum could overflow are "wild": then all gradients
 * are summed and checked before any weight changes; otherwise weights change tile by tile.
 *
 * Threads: findings are stamped with the number of the call (the batch, counted from 1). A worker
 * writes stamps before a barrier and reads them after it, so all workers take the same decision,
 * and no stamp needs to be reset. Snapshots belong to worker 0. */
#ifndef CVY_TRAIN_GUARD_H
#define CVY_TRAIN_GUARD_H

#include <stdatomic.h>

#include "convoy/train.h"
#include "model/plan.h"

typedef enum { CVY_FAULT_NONE, CVY_FAULT_LOSS, CVY_FAULT_GRADIENT, CVY_FAULT_WEIGHT } cvy_fault;

enum { CVY_NEVER = 0 };

typedef struct {
    cvy_on_nan policy;
    const cvy_lane_kernels *kernels;
    _Atomic size_t wild, gradient, weight; /* stamps: the last call with a wild lane, ... */
    _Atomic size_t
        *variables; /* [variable_count + 1] stamps of the variables at fault, then of the state */
    size_t variable_count, trained_floats, block_floats;

    /* The weights before an earlier call whose loss was finite. From time to time a call copies each
     * tile just before it updates it. */
    float *good;      /* [block_floats]; NULL with CVY_ON_NAN_IGNORE */
    float *states;    /* [block_floats - trained_floats]: the state as the call found it */
    size_t good_call; /* calls before the copy, plus 1; CVY_NEVER: no copy */
    bool is_due;      /* the running call copies; written by worker 0, read after a barrier */

    size_t skipped;  /* calls */
    cvy_fault fault; /* why a run ended */
} cvy_guard;

/** Returns CVY_ERR_MEMORY. Released with cvy_guard_release(), also after a failure. */
cvy_status cvy_guard_create(cvy_guard *guard, cvy_on_nan policy, const cvy_lane_kernels *kernels,
                            size_t variable_count, size_t trained_floats, size_t block_floats);
void cvy_guard_release(cvy_guard *guard);

static inline bool cvy_guard_is_on(const cvy_guard *guard)
{
    return guard->policy != CVY_ON_NAN_IGNORE;
}

/** Check this share of a lane's contributions to the gradients. Called after its backward pass
 *  through a stage. */
void cvy_guard_lane(cvy_guard *guard, const cvy_lane_pass *lane, const cvy_stage *stage,
                    size_t call);

/** Check values of a variable (variable_count: the state);
 *  `stamp` is the guard's gradient or weight. */
void cvy_guard_look(cvy_guard *guard, _Atomic size_t *stamp, size_t variable, size_t count,
                    const float *values, size_t call);

/** Whether any worker stamped this call. */
static inline bool cvy_guard_found(const _Atomic size_t *stamp, size_t call)
{
    return atomic_load_explicit(stamp, memory_order_relaxed) == call + 1;
}

/** The first variable stamped with this call. */
size_t cvy_guard_variable(const cvy_guard *guard, size_t call);

/** Choose whether the call copies the weights. Called by worker 0 at the beginning of a call, before
 *  any weight changes. */
void cvy_guard_begin(cvy_guard *guard, const float *weights, size_t call);

/** Copy these weights, which are about to change, if the call copies. Called by any worker once loss
 *  and gradients of the call are finite. */
void cvy_guard_keep(cvy_guard *guard, const float *weights, size_t first, size_t count);

/** Accept the copy as good, if the call copied: it is complete when all workers have met. Called by
 *  worker 0 after its last tile. */
void cvy_guard_accept(cvy_guard *guard, size_t call);

/** Restore the last good weights. Returns the number of calls that made them, or SIZE_MAX if there
 *  are none; then the weights stay as they are.
 *  No worker may be running, or all must meet afterwards. */
size_t cvy_guard_recover(const cvy_guard *guard, float *weights);

#endif
