/* Constraints on weights, applied after each update. */
#ifndef CVY_LAYERS_CONSTRAINT_H
#define CVY_LAYERS_CONSTRAINT_H

#include "base/settings.h"

typedef enum { CVY_FREE, CVY_MAX_NORM, CVY_MIN_MAX_NORM, CVY_NON_NEGATIVE, CVY_UNIT_NORM } cvy_bond;

/* A constraint, read from a layer's setting. Norms are taken along `axis`, as in Keras. */
typedef struct {
    cvy_bond bond;
    double min_value, max_value, rate;
    cvy_float_list axis;
} cvy_constraint;

/* The list, by Keras's names. NULL-terminated. */
extern const cvy_kind *const cvy_constraint_kinds[];

/** Read a spec, "none" or "max_norm:max_value=3", for a tensor of that rank (1 to 4). Returns
 *  CVY_ERR_SETTING or CVY_ERR_MEMORY. */
cvy_status cvy_constraint_read(const char *spec, size_t rank, cvy_constraint *constraint);

/** Apply the constraint to w in place. Allocates nothing; the order of its sums is fixed, so the
 *  result does not depend on the calling thread. */
void cvy_constraint_apply(const cvy_constraint *constraint, size_t rank, const size_t *dims,
                          float *w);

#endif
