/* 100 times the mean over the outputs of |t - p| / max(|t|, 1e-7).
 * Source: Keras 3, mean_absolute_percentage_error. */
#include "losses/terms.h"

#include <math.h>

static double value(const void *settings, double t, double p)
{
    (void)settings;
    return 100 * fabs(t - p) / fmax(fabs(t), CVY_LOSS_EPSILON);
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    const double sign = p > t ? 1 : p < t ? -1 : 0;
    return 100 * sign / fmax(fabs(t), CVY_LOSS_EPSILON);
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_TERM_LOSS(mean_absolute_percentage_error, "absolute errors in percent of the targets", NULL, 0,
              terms)
