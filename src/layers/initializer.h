/* Initializers: the initial values of weights. */
#ifndef CVY_LAYERS_INITIALIZER_H
#define CVY_LAYERS_INITIALIZER_H

#include "base/random.h"
#include "base/settings.h"

/* The list, by Keras's names. NULL-terminated. */
extern const cvy_kind *const cvy_initializer_kinds[];

/** Check that a spec names an initializer for tensors of that rank. Returns CVY_ERR_SETTING or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_initializer_check(const char *spec, size_t rank);

/**
 * Fill a tensor. dims, rank: of the tensor; fans are computed as in Keras. Each element draws from
 * `stream` at its own index. The spec must have been checked. Returns CVY_ERR_SETTING or
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_initialize(const char *spec, const cvy_random_stream *stream, size_t rank,
                          const size_t *dims, float *w);

#endif
