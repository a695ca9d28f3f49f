/* How weights begin. */
#ifndef CVY_LAYERS_INITIALIZER_H
#define CVY_LAYERS_INITIALIZER_H

#include "base/random.h"
#include "base/settings.h"

/* The list, by Keras's names. NULL-terminated. */
extern const cvy_kind *const cvy_initializer_kinds[];

/** Whether a spec names an initializer of tensors of that rank. Returns CVY_ERR_SETTING or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_initializer_check(const char *spec, size_t rank);

/**
 * Fill a tensor. dims, rank: of the tensor; fans are counted as Keras counts them. Each element
 * draws from `stream` by its own index. The spec has been checked. Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_initialize(const char *spec, const cvy_random_stream *stream, size_t rank,
                          const size_t *dims, float *w);

#endif
