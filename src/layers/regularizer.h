/* Regularizers: penalties on large weights. */
#ifndef CVY_LAYERS_REGULARIZER_H
#define CVY_LAYERS_REGULARIZER_H

#include "base/settings.h"

/* A penalty of l1 |w| + l2 w^2 for each weight w. */
typedef struct {
    double l1, l2;
} cvy_regularizer;

/* The list, by Keras's names. NULL-terminated. */
extern const cvy_kind *const cvy_regularizer_kinds[];

/** Read a spec, "none" or "l2:l2=0.01". Returns CVY_ERR_SETTING or CVY_ERR_MEMORY. */
cvy_status cvy_regularizer_read(const char *spec, cvy_regularizer *regularizer);

static inline bool cvy_regularizer_is_none(const cvy_regularizer *regularizer)
{
    return regularizer->l1 == 0 && regularizer->l2 == 0;
}

/** The penalty of n weights. Its order of summation is fixed. */
double cvy_regularizer_penalty(const cvy_regularizer *regularizer, size_t n, const float *w);

/** Add to dw `scale` times the penalty's derivative, l1 sign(w) + 2 l2 w. */
void cvy_regularizer_gradient(const cvy_regularizer *regularizer, float scale, size_t n,
                              const float *w, float *dw);

#endif
