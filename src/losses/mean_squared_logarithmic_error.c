/* The mean over the outputs of (log(1 + p) - log(1 + t))^2, p and t at least 1e-7.
 * Source: Keras 3, mean_squared_logarithmic_error. */
#include "losses/terms.h"

#include <math.h>

static double value(const void *settings, double t, double p)
{
    (void)settings;
    const double above = p < CVY_LOSS_EPSILON ? CVY_LOSS_EPSILON : p;
    const double error = log(above + 1) - log(fmax(t, CVY_LOSS_EPSILON) + 1);
    return error * error;
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    if (p < CVY_LOSS_EPSILON)
        return 0;
    return 2 * (log(p + 1) - log(fmax(t, CVY_LOSS_EPSILON) + 1)) / (p + 1);
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_TERM_LOSS(mean_squared_logarithmic_error, "squared errors of log(1 + x)", NULL, 0, terms)
