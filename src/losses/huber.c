/* The mean over the outputs of e^2 / 2 if |e| <= delta, else delta |e| - delta^2 / 2.
 * Sources: Huber 1964; Keras 3, huber. */
#include "losses/terms.h"

#include <math.h>

typedef struct {
    double delta;
} huber_settings;

static const cvy_setting rows[] = {
    { "delta", CVY_FLOAT, offsetof(huber_settings, delta), "1", 0, HUGE_VAL,
      "errors above it count as large", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { 0 },
};

static double value(const void *settings, double t, double p)
{
    const double delta = ((const huber_settings *)settings)->delta, error = fabs(p - t);
    return error <= delta ? error * error / 2 : delta * error - delta * delta / 2;
}

static double slope(const void *settings, double t, double p)
{
    const double delta = ((const huber_settings *)settings)->delta, error = p - t;
    return fabs(error) <= delta ? error : error > 0 ? delta : error < 0 ? -delta : error;
}

static const cvy_terms terms = { .is_mean = true, .value = value, .slope = slope };

CVY_TERM_LOSS(huber, "squares of small errors, absolute values of large ones", rows,
              sizeof(huber_settings), terms)
