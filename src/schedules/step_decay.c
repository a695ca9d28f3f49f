/* Decay by a factor every few epochs; the learning rates of PyTorch's StepLR, stepped after each
 * epoch.
 *     rate = initial_learning_rate * decay_rate ^ floor(epoch / decay_epochs)
 *     epoch = floor(step / steps_per_epoch), from 0 */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double initial_learning_rate, decay_rate;
    size_t decay_epochs;
} step_settings;

#define AT(member) offsetof(step_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate at the start"),
    CVY_STEPS_ROW("decay_epochs", AT(decay_epochs), NULL, 1, "epochs per factor"),
    CVY_FACTOR_ROW("decay_rate", AT(decay_rate), "0.1", "the factor"),
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const step_settings *s = config;
    const size_t epoch = step / run->steps_per_epoch;
    return s->initial_learning_rate * pow(s->decay_rate, (double)(epoch / s->decay_epochs));
}

const cvy_schedule_kind cvy_schedule_step_decay = {
    .kind = { "step_decay", "multiplies by a factor every decay_epochs epochs", settings,
              sizeof(step_settings) },
    .rate = rate,
};
