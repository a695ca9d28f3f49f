/* A constant learning rate. */
#include <assert.h>
#include <math.h>

#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double learning_rate;
} constant_settings;

static const cvy_setting settings[] = {
    CVY_RATE_ROW("learning_rate", offsetof(constant_settings, learning_rate), NULL,
                 "learning rate"),
    CVY_WARMUP_ROWS,
    { 0 },
};

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    (void)run, (void)step;
    return ((const constant_settings *)config)->learning_rate;
}

const cvy_schedule_kind cvy_schedule_constant_kind = {
    .kind = { "constant", "the same learning rate at every step", settings,
              sizeof(constant_settings) },
    .rate = rate,
};

bool cvy_schedule_is_constant(const cvy_schedule *schedule)
{
    return schedule->kind == &cvy_schedule_constant_kind;
}

void cvy_schedule_set_constant(cvy_schedule *schedule, double rate)
{
    assert(cvy_schedule_is_constant(schedule));
    ((constant_settings *)schedule->settings)->learning_rate = rate;
}
