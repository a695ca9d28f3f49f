/* Binary cross-entropy that down-weights easy outputs by the factor (1 - p_t)^gamma, where p_t is
 * the predicted probability of the true value. With apply_class_balancing, also by alpha for target
 * 1 and 1 - alpha for target 0. Source: Lin et al., Focal Loss for Dense Object Detection (2017);
 * Keras 3, binary_focal_crossentropy. */
#include <math.h>

#include "losses/terms.h"

typedef struct {
    cvy_logit_choice logits;
    bool apply_class_balancing;
    double alpha, gamma, label_smoothing;
} focal_settings;

#define AT(member) offsetof(focal_settings, member)
static const cvy_setting rows[] = {
    CVY_FROM_LOGITS_ROW,
    { "apply_class_balancing", CVY_BOOL, AT(apply_class_balancing), "false", 0, 0,
      "weight targets 1 and 0 by alpha", 0, NULL },
    { "alpha", CVY_FLOAT, AT(alpha), "0.25", 0, 1, "weight of target 1; target 0 has 1 - alpha", 0,
      NULL },
    { "gamma", CVY_FLOAT, AT(gamma), "2", 0, HUGE_VAL,
      "exponent of the weight 1 - p: how much less easy cases count", CVY_BELOW_MAX, NULL },
    { "label_smoothing", CVY_FLOAT, AT(label_smoothing), "0", 0, 1, "moves targets towards 1/2",
      CVY_CLOSED, NULL },
    { 0 },
};

static double balance(const focal_settings *s, double t)
{
    return s->apply_class_balancing ? t * s->alpha + (1 - t) * (1 - s->alpha) : 1;
}

static double entropy(double t, double p)
{
    const double clipped = cvy_clip_probability(p);
    return -t * log(clipped) - (1 - t) * log(1 - clipped);
}

static double value(const void *settings, double t, double p)
{
    const focal_settings *s = settings;
    const double known = t * p + (1 - t) * (1 - p);
    return balance(s, t) * pow(1 - known, s->gamma) * entropy(t, p);
}

static double slope(const void *settings, double t, double p)
{
    const focal_settings *s = settings;
    const double known = t * p + (1 - t) * (1 - p);
    const double by_factor =
        s->gamma == 0 ? 0 : -s->gamma * pow(1 - known, s->gamma - 1) * (2 * t - 1) * entropy(t, p);
    const double by_entropy = cvy_clip_slope(p) == 0 ? 0 : (1 - t) / (1 - p) - t / p;

    return balance(s, t) * (by_factor + pow(1 - known, s->gamma) * by_entropy);
}

static cvy_terms terms_of(const focal_settings *s)
{
    return (cvy_terms){ .link = s->logits.takes_logits ? CVY_LINK_SIGMOID : CVY_LINK_NONE,
                        .is_mean = true,
                        .smoothing = s->label_smoothing,
                        .smoothing_target = 0.5,
                        .value = value,
                        .slope = slope };
}

CVY_TERM_PASSES(terms_of(settings))

const cvy_loss_kind cvy_loss_binary_focal_crossentropy = {
    .kind = { "binary_focal_crossentropy", "binary cross-entropy with less weight on easy outputs",
              rows, sizeof(focal_settings) },
    .link = CVY_LINK_SIGMOID,
    .is_yes_or_no = true,
    .forward = forward,
    .backward = backward,
};
