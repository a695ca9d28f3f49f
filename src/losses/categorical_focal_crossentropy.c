/* Cross-entropy that down-weights easy samples: -alpha (1 - p)^gamma t log p, with p as in
 * categorical_crossentropy, also from logits. Source: Lin et al., Focal Loss for Dense Object
 * Detection (2017); Keras 3, categorical_focal_crossentropy. */
#include <math.h>

#include "losses/terms.h"

typedef struct {
    cvy_logit_choice logits;
    double alpha, gamma, label_smoothing;
} focal_settings;

#define AT(member) offsetof(focal_settings, member)
static const cvy_setting rows[] = {
    CVY_FROM_LOGITS_ROW,
    { "alpha", CVY_FLOAT, AT(alpha), "0.25", 0, HUGE_VAL, "factor of the loss", CVY_BELOW_MAX,
      NULL },
    { "gamma", CVY_FLOAT, AT(gamma), "2", 0, HUGE_VAL,
      "exponent of the weight 1 - p: how much less easy cases count", CVY_BELOW_MAX, NULL },
    { "label_smoothing", CVY_FLOAT, AT(label_smoothing), "0", 0, 1,
      "fraction of the target that is spread over all classes", CVY_CLOSED, NULL },
    { 0 },
};

static double value(const void *settings, double t, double p)
{
    const focal_settings *s = settings;
    const double clipped = cvy_clip_probability(p);
    return -s->alpha * pow(1 - clipped, s->gamma) * t * log(clipped);
}

static double slope(const void *settings, double t, double p)
{
    const focal_settings *s = settings;

    if (cvy_clip_slope(p) == 0)
        return 0;
    return s->alpha * t * (s->gamma * pow(1 - p, s->gamma - 1) * log(p) - pow(1 - p, s->gamma) / p);
}

static cvy_terms terms_of(const focal_settings *s, size_t outputs)
{
    return (cvy_terms){ .link = s->logits.takes_logits ? CVY_LINK_SOFTMAX : CVY_LINK_NONE,
                        .is_share = true,
                        .smoothing = s->label_smoothing,
                        .smoothing_target = 1 / (double)outputs,
                        .value = value,
                        .slope = slope };
}

CVY_TERM_PASSES(terms_of(settings, outputs))

const cvy_loss_kind cvy_loss_categorical_focal_crossentropy = {
    .kind = { "categorical_focal_crossentropy", "cross-entropy with less weight on easy samples",
              rows, sizeof(focal_settings) },
    .link = CVY_LINK_SOFTMAX,
    .forward = forward,
    .backward = backward,
};
