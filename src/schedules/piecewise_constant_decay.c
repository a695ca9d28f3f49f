/* A learning rate for each part of the training; Keras's PiecewiseConstantDecay.
 *     step <= boundaries[0]:   values[0]
 *     step <= boundaries[1]:   values[1]   ...
 *     after the last one:      the last value
 * A boundary belongs to the part before it: with [3], four updates, 0 to 3, use values[0]. The
 * fractional part of a boundary is ignored, as with Keras's integer step counter. */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    cvy_float_list boundaries, values;
} piecewise_settings;

#define AT(member) offsetof(piecewise_settings, member)
static const cvy_setting settings[] = {
    { "boundaries", CVY_FLOAT_LIST, AT(boundaries), NULL, 0, HUGE_VAL,
      "the last step, counted from 0, of each part except the last one; ascending", CVY_BELOW_MAX,
      NULL },
    { "values", CVY_FLOAT_LIST, AT(values), NULL, 0, HUGE_VAL,
      "learning rates of the parts, one more than boundaries", CVY_BELOW_MAX, NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

static cvy_status check(const void *config)
{
    const piecewise_settings *s = config;
    const double *boundaries = s->boundaries.values;

    for (size_t i = 1; i < s->boundaries.count; i++)
        if (boundaries[i] <= boundaries[i - 1])
            return cvy_fail(CVY_ERR_SETTING,
                            "boundaries: found %.9g after %.9g, expected increasing numbers",
                            boundaries[i], boundaries[i - 1]);
    if (s->values.count != s->boundaries.count + 1)
        return cvy_fail(CVY_ERR_SETTING,
                        "values: found %zu for %zu boundaries, expected %zu, one more",
                        s->values.count, s->boundaries.count, s->boundaries.count + 1);
    return CVY_OK;
}

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const piecewise_settings *s = config;
    size_t part = 0;

    (void)run;
    while (part < s->boundaries.count && (double)step > floor(s->boundaries.values[part]))
        part++;
    return s->values.values[part];
}

const cvy_schedule_kind cvy_schedule_piecewise_constant_decay = {
    .kind = { "piecewise_constant_decay", "a fixed learning rate for each interval of steps",
              settings, sizeof(piecewise_settings) },
    .check = check,
    .rate = rate,
};
