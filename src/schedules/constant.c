/* The same rate at every step. */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double learning_rate;
} constant_settings;

static const cvy_setting settings[] = {
    CVY_RATE_ROW("learning_rate", offsetof(constant_settings, learning_rate), NULL,
                 "size of a step"),
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    (void)run, (void)step;
    return ((const constant_settings *)config)->learning_rate;
}

const cvy_schedule_kind cvy_schedule_constant_kind = {
    .kind = { "constant", "the same rate at every step", settings, sizeof(constant_settings) },
    .rate = rate,
};
