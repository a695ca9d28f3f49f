/* Polynomial decay to a final rate; Keras's PolynomialDecay.
 *     rate = (initial_learning_rate - end_learning_rate) * (1 - p) ^ power + end_learning_rate
 *     p = min(step, decay_steps) / decay_steps
 *     cycle: p = step / (m * decay_steps), m = max(1, ceil(step / decay_steps)), so that the
 *     learning rate rises again after each multiple of decay_steps, to a lower peak each time */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double initial_learning_rate, decay_steps, end_learning_rate, power;
    bool cycle;
} polynomial_settings;

#define AT(member) offsetof(polynomial_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate at the start"),
    CVY_FACTOR_ROW("decay_steps", AT(decay_steps), NULL, "updates until end_learning_rate"),
    CVY_RATE_ROW("end_learning_rate", AT(end_learning_rate), "0.0001", "learning rate at the end"),
    CVY_RATE_ROW("power", AT(power), "1", "exponent of the polynomial; 1: linear"),
    { "cycle", CVY_BOOL, AT(cycle), "false", 0, 0,
      "restart after decay_steps, with ever longer cycles", 0, NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const polynomial_settings *s = config;
    const double cycles = s->cycle ? fmax(ceil((double)step / s->decay_steps), 1) : 1;
    const double part = fmin((double)step / (cycles * s->decay_steps), 1);

    (void)run;
    return (s->initial_learning_rate - s->end_learning_rate) * pow(1 - part, s->power) +
           s->end_learning_rate;
}

const cvy_schedule_kind cvy_schedule_polynomial_decay = {
    .kind = { "polynomial_decay", "polynomial decay to a final learning rate", settings,
              sizeof(polynomial_settings) },
    .rate = rate,
};
