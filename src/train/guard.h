/* The guard against numbers that are not finite, NaN or infinite. It looks
 *     at the loss of a batch,
 *     at what the gradients will be summed of, as each lane leaves it, and
 *     at each slice of new weights, while it is in the cache,
 * so that a step is refused before it changes a weight, or noticed at once if it is the update that made a
 * weight infinite. Values so large that a sum of them could overflow are "wild": then the gradients are all
 * summed and looked at before any weight changes, which otherwise happens slice by slice.
 *
 * Threads: what was found is stamped with the number of the call (the batch, counted from 1). A worker writes
 * stamps before a barrier and reads them after it, so all workers take the same decision, and nothing has to
 * be reset. Snapshots belong to worker 0. */
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
    _Atomic size_t wild, gradient, weight; /* stamps: the last call with a lane that is wild, ... */
    _Atomic size_t
        *variables; /* [variable_count + 1] stamps of the weights concerned, then the state */
    size_t variable_count, trained_floats, block_floats;

    /* The weights of some earlier call whose loss was finite. Now and then a call that has reached its update
     * copies each tile before it changes it. */
    float *good; /* [block_floats]; NULL with CVY_ON_NAN_IGNORE */
    float *
        states; /* [block_floats - trained_floats]: what follows the weights, as the call found it */
    size_t good_call; /* how many calls they had seen, plus 1; CVY_NEVER: none */
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

/** A lane has gone backward through a stage: look at this share of what it left for the gradients. */
void cvy_guard_lane(cvy_guard *guard, const cvy_lane_pass *lane, const cvy_stage *stage,
                    size_t call);

/** Look at numbers of a variable (variable_count: the state); `stamp` is the guard's gradient or weight. */
void cvy_guard_look(cvy_guard *guard, _Atomic size_t *stamp, size_t variable, size_t count,
                    const float *values, size_t call);

/** Whether any worker stamped this call. */
static inline bool cvy_guard_found(const _Atomic size_t *stamp, size_t call)
{
    return atomic_load_explicit(stamp, memory_order_relaxed) == call + 1;
}

/** The first variable stamped with this call. */
size_t cvy_guard_variable(const cvy_guard *guard, size_t call);

/** Worker 0, at the beginning of a call, before any weight changes: choose whether the call copies them. */
void cvy_guard_begin(cvy_guard *guard, const float *weights, size_t call);

/** Any worker, when loss and gradients of the call are finite: if the call copies, copy these weights, which are about
 *  to change. */
void cvy_guard_keep(cvy_guard *guard, const float *weights, size_t first, size_t count);

/** Worker 0, when it has taken its last tile: when all workers have met, the weights that the call began with
 *  are the last good ones, if it copied them. */
void cvy_guard_accept(cvy_guard *guard, size_t call);

/** Put the last good weights back. Returns how many calls they have seen, or SIZE_MAX where there are
 *  none, and the weights stay. No worker may run, or all must meet afterwards. */
size_t cvy_guard_recover(const cvy_guard *guard, float *weights);

#endif
