/* Exponential decay; Keras's ExponentialDecay.
 *     rate = initial_learning_rate * decay_rate ^ (step / decay_steps)
 *     staircase: the exponent rounded down */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
} exponential_settings;

#define AT(member) offsetof(exponential_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate at the start"),
    CVY_FACTOR_ROW("decay_steps", AT(decay_steps), NULL, "updates per factor"),
    CVY_FACTOR_ROW("decay_rate", AT(decay_rate), NULL, "the factor"),
    { "staircase", CVY_BOOL, AT(staircase), "false", 0, 0, "change only every decay_steps", 0,
      NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const exponential_settings *s = config;
    const double exponent = (double)step / s->decay_steps;

    (void)run;
    return s->initial_learning_rate * pow(s->decay_rate, s->staircase ? floor(exponent) : exponent);
}

const cvy_schedule_kind cvy_schedule_exponential_decay = {
    .kind = { "exponential_decay", "multiplies by a factor every decay_steps updates", settings,
              sizeof(exponential_settings) },
    .rate = rate,
};
