/* Cosine decay with its own warm-up; Keras's CosineDecay.
 *     c(k, peak) = peak * ((1 - alpha) * (1 + cos(pi * k / decay_steps)) / 2 + alpha)
 *     no warmup_target:     c(min(step, decay_steps), initial_learning_rate)
 *     step < warmup_steps:  linearly from initial_learning_rate to warmup_target
 *     afterwards:           c(min(step - warmup_steps, decay_steps), warmup_target)
 * decay_steps does not include the warm-up. Without a warmup_target, warmup_steps is ignored, as in
 * Keras. Source: Loshchilov and Hutter, SGDR:
 * Stochastic Gradient Descent with Warm Restarts (2017). */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common; /* stays 0: the warm-up is the one below */
    double initial_learning_rate, decay_steps, alpha, warmup_target;
    size_t warmup_steps;
} cosine_settings;

#define AT(member) offsetof(cosine_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate of the first update"),
    CVY_FACTOR_ROW("decay_steps", AT(decay_steps), NULL,
                   "updates of the decay, without the warm-up"),
    { "alpha", CVY_FLOAT, AT(alpha), "0", 0, 1,
      "fraction of the highest learning rate that remains at the end", 0, NULL },
    { "warmup_target", CVY_FLOAT, AT(warmup_target), "none", 0, HUGE_VAL,
      "learning rate after a linear warm-up; none: no warm-up", CVY_BELOW_MAX | CVY_OR_NONE, NULL },
    CVY_STEPS_ROW("warmup_steps", AT(warmup_steps), "0", 0,
                  "updates from initial_learning_rate to warmup_target"),
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const cosine_settings *s = config;
    const bool has_warmup = !isnan(s->warmup_target);
    const size_t warmup_steps = has_warmup ? s->warmup_steps : 0;
    const double peak = has_warmup ? s->warmup_target : s->initial_learning_rate;

    (void)run;
    if (step < warmup_steps)
        return s->initial_learning_rate +
               (peak - s->initial_learning_rate) * (double)step / (double)warmup_steps;
    const double part = fmin((double)(step - warmup_steps) / s->decay_steps, 1);
    return peak * ((1 - s->alpha) * 0.5 * (1 + cos(M_PI * part)) + s->alpha);
}

const cvy_schedule_kind cvy_schedule_cosine_decay = {
    .kind = { "cosine_decay", "cosine decay, with an optional warm-up", settings,
              sizeof(cosine_settings) },
    .rate = rate,
};
