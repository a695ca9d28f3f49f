/* (1 - p^q) / q, where p is that of the true class: between absolute error (q = 1) and
 * cross-entropy (q = 0). Sources: Zhang and Sabuncu, Generalized Cross Entropy Loss for Training
 * Deep Neural Networks with Noisy Labels (2018); Keras 3, categorical_generalized_cross_entropy. */
#include "losses/terms.h"

#include <math.h>

typedef struct {
    double q;
} noisy_settings;

static const cvy_setting rows[] = {
    { "q", CVY_FLOAT, offsetof(noisy_settings, q), "0.5", 0, 1,
      "0: cross-entropy, 1: absolute error", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { 0 },
};

static double value(const void *settings, double t, double p)
{
    const double q = ((const noisy_settings *)settings)->q;
    return t == 0 ? 0 * p : t * (1 - pow(p, q)) / q;
}

static double slope(const void *settings, double t, double p)
{
    const double q = ((const noisy_settings *)settings)->q;
    return t == 0 ? 0 : -t * pow(p, q - 1);
}

static const cvy_terms terms = { .is_mean = false, .value = value, .slope = slope };

CVY_TERM_LOSS(categorical_generalized_cross_entropy, "cross-entropy that is robust to noisy labels",
              rows, sizeof(noisy_settings), terms)
