/* The mean over the outputs of p - t log(p + 1e-7). Source: Keras 3, poisson. */
#include "losses/terms.h"

#include <math.h>

static double value(const void *settings, double t, double p)
{
    (void)settings;
    return p - (t == 0 ? 0 * p : t * log(p + CVY_LOSS_EPSILON));
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return 1 - t / (p + CVY_LOSS_EPSILON);
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_TERM_LOSS(poisson, "p - t log p", NULL, 0, terms)
