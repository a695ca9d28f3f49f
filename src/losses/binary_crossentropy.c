/* The mean over the outputs of -(t log p + (1 - t) log(1 - p)); each output is a separate decision.
 * For logits it is computed as max(z, 0) - t z + log(1 + e^-|z|); probabilities p are clipped to
 * [1e-7, 1 - 1e-7]. label_smoothing moves the targets towards 1/2. Source: Keras 3,
 * binary_crossentropy. */
#include <math.h>

#include "losses/crossentropy.h"
#include "losses/terms.h"

static double logit_value(const void *settings, double t, double z)
{
    (void)settings;
    return (z < 0 ? 0 : z) - t * z + log1p(exp(-fabs(z)));
}

static double logit_slope(const void *settings, double t, double z)
{
    (void)settings;
    return 1 / (1 + exp(-z)) - t;
}

static double value(const void *settings, double t, double p)
{
    const double clipped = cvy_clip_probability(p);
    (void)settings;
    return -t * log(clipped) - (1 - t) * log(1 - clipped);
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return cvy_clip_slope(p) == 0 ? 0 : (1 - t) / (1 - p) - t / p;
}

static cvy_terms terms_of(const cvy_crossentropy_settings *s)
{
    const bool takes_logits = s->logits.takes_logits;
    return (cvy_terms){ .is_mean = true,
                        .smoothing = s->label_smoothing,
                        .smoothing_target = 0.5,
                        .value = takes_logits ? logit_value : value,
                        .slope = takes_logits ? logit_slope : slope };
}

CVY_TERM_PASSES(terms_of(settings))

const cvy_loss_kind cvy_loss_binary_crossentropy = {
    .kind = { "binary_crossentropy", "independent binary classification of each output",
              cvy_crossentropy_rows, sizeof(cvy_crossentropy_settings) },
    .link = CVY_LINK_SIGMOID,
    .is_yes_or_no = true,
    .forward = forward,
    .backward = backward,
};
