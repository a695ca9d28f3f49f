/* Optimizers for the caller's own parameters: the update code that trains models, for anything that
 * has a gradient.
 *
 * Threads: different optimizers may be used by any threads at the same time, one optimizer by one
 * thread at a time. */
#ifndef CONVOY_OPTIMIZER_H
#define CONVOY_OPTIMIZER_H

#include <stddef.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_optimizer cvy_optimizer;

/**
 * Create an optimizer for one vector of parameters.
 * spec           as in cvy_train_settings: "adam", "sgd:momentum=0.9"
 * learning_rate  a number or a schedule; NULL: the optimizer's own
 * steps_total    at least 1: total number of updates, for schedules that span the run; for
 *                schedules that count epochs, one epoch is one update
 * count          number of parameters, at least 1
 * optimizer      written on CVY_OK only; cvy_optimizer_destroy() it
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_optimizer_create(const char *spec, const char *learning_rate,
                                        size_t steps_total, size_t count,
                                        cvy_optimizer **optimizer);

/**
 * Make one update.
 * weights    [count] changed in place. The optimizer keeps no copy, so the caller may change them
 *            between updates
 * gradients  [count] gradients of the loss at these weights; only read
 * Returns CVY_OK, or CVY_ERR_SETTING for a NULL pointer.
 */
CVY_API cvy_status cvy_optimizer_update(cvy_optimizer *optimizer, float *weights,
                                        const float *gradients);

/** Release an optimizer. NULL is allowed. */
CVY_API void cvy_optimizer_destroy(cvy_optimizer *optimizer);

#ifdef __cplusplus
}
#endif

#endif
