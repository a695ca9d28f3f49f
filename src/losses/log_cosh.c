/* The mean over the outputs of log cosh e = e + log(1 + e^-2e) - log 2.
 * Source: Keras 3, log_cosh. */
#include "losses/terms.h"

#include <math.h>

static double value(const void *settings, double t, double p)
{
    (void)settings;
    const double size = fabs(p - t);
    return size + log1p(exp(-2 * size)) - log(2);
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return tanh(p - t);
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_TERM_LOSS(log_cosh, "log of the hyperbolic cosine of the errors", NULL, 0, terms)
