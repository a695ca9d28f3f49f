/* The mean over the outputs of max(1 - t p, 0), with targets of -1 and 1.
 * Source: Keras 3, hinge. */
#include "losses/terms.h"

#include <math.h>

/* Map labels 0 and 1 to -1 and 1. */
static double sign_of(double t)
{
    return t == 0 || t == 1 ? 2 * t - 1 : t;
}

static double value(const void *settings, double t, double p)
{
    (void)settings;
    const double missing = 1 - sign_of(t) * p;
    return missing < 0 ? 0 : missing;
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return 1 - sign_of(t) * p > 0 ? -sign_of(t) : 0;
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_YES_OR_NO_LOSS(hinge, "distance by which each output falls short of the margin", terms)
