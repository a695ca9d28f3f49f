/* Exponential decay; Keras's ExponentialDecay.
 *     rate = initial_learning_rate * decay_rate ^ (step / decay_steps)
 *     staircase: the exponent rounded down */
#include <math.h>

#include "schedules/schedule.h"

typedef struct {
    double initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
} exponential_settings;

#define AT(member) offsetof(exponential_settings, member)
static const cvy_setting settings[] = {
    { "initial_learning_rate", CVY_FLOAT, AT(initial_learning_rate), NULL, 0, HUGE_VAL,
      "rate of the first update", CVY_BELOW_MAX, NULL },
    { "decay_steps", CVY_FLOAT, AT(decay_steps), NULL, 0, HUGE_VAL, "updates a factor takes",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "decay_rate", CVY_FLOAT, AT(decay_rate), NULL, 0, HUGE_VAL, "the factor",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "staircase", CVY_BOOL, AT(staircase), "false", 0, 0, "change in whole factors", 0, NULL },
    { 0 },
};

static double rate(const void *config, size_t step)
{
    const exponential_settings *s = config;
    const double exponent = (double)step / s->decay_steps;
    return s->initial_learning_rate * pow(s->decay_rate, s->staircase ? floor(exponent) : exponent);
}

const cvy_schedule_kind cvy_schedule_exponential_decay = {
    .kind = { "exponential_decay", "a factor every decay_steps updates", settings,
              sizeof(exponential_settings) },
    .rate = rate,
};
