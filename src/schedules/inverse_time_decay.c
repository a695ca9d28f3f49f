/* Inverse time decay; Keras's InverseTimeDecay.
 *     rate = initial_learning_rate / (1 + decay_rate * step / decay_steps)
 *     staircase: step / decay_steps rounded down */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double initial_learning_rate, decay_steps, decay_rate;
    bool staircase;
} inverse_settings;

#define AT(member) offsetof(inverse_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate at the start"),
    CVY_FACTOR_ROW("decay_steps", AT(decay_steps), NULL,
                   "updates after which decay_rate has been added to the divisor"),
    CVY_RATE_ROW("decay_rate", AT(decay_rate), NULL, "increase of the divisor every decay_steps"),
    { "staircase", CVY_BOOL, AT(staircase), "false", 0, 0, "change only every decay_steps", 0,
      NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const inverse_settings *s = config;
    const double periods = (double)step / s->decay_steps;

    (void)run;
    return s->initial_learning_rate /
           (1 + s->decay_rate * (s->staircase ? floor(periods) : periods));
}

const cvy_schedule_kind cvy_schedule_inverse_time_decay = {
    .kind = { "inverse_time_decay", "divides by a number that grows linearly", settings,
              sizeof(inverse_settings) },
    .rate = rate,
};
