/* The sum over the outputs of t log(t / p), both clipped to [1e-7, 1].
 * Source: Keras 3, kl_divergence. */
#include "losses/terms.h"

#include <math.h>

static double value(const void *settings, double t, double p)
{
    (void)settings;
    const double from = fmin(fmax(t, CVY_LOSS_EPSILON), 1);
    const double above = p < CVY_LOSS_EPSILON ? CVY_LOSS_EPSILON : p, to = above > 1 ? 1 : above;
    return from * log(from / to);
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return p < CVY_LOSS_EPSILON || p > 1 ? 0 : -fmin(fmax(t, CVY_LOSS_EPSILON), 1) / p;
}

static const cvy_terms terms = { .is_mean = false, .value = value, .slope = slope };

CVY_YES_OR_NO_LOSS(kl_divergence, "the Kullback-Leibler divergence from the targets", terms)
