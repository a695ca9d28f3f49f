/* The same rate at every step. */
#include <math.h>

#include "schedules/schedule.h"

typedef struct {
    double learning_rate;
} constant_settings;

static const cvy_setting settings[] = {
    { "learning_rate", CVY_FLOAT, offsetof(constant_settings, learning_rate), NULL, 0, HUGE_VAL,
      "size of a step", CVY_BELOW_MAX, NULL },
    { 0 },
};

static double rate(const void *config, size_t step)
{
    (void)step;
    return ((const constant_settings *)config)->learning_rate;
}

const cvy_schedule_kind cvy_schedule_constant_kind = {
    .kind = { "constant", "the same rate at every step", settings, sizeof(constant_settings) },
    .rate = rate,
};
