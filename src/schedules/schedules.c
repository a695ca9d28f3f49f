/* The list of schedules, reading a learning rate (a number or a spec), and the warm-up that may
 * precede each schedule. */
#include "base/letters.h"
#include "schedules/schedule.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/meant.h"
#include "base/memory.h"

extern const cvy_schedule_kind cvy_schedule_constant_kind, cvy_schedule_exponential_decay,
    cvy_schedule_inverse_time_decay, cvy_schedule_polynomial_decay,
    cvy_schedule_piecewise_constant_decay, cvy_schedule_cosine_decay,
    cvy_schedule_cosine_decay_restarts, cvy_schedule_one_cycle, cvy_schedule_step_decay;

const cvy_kind *const cvy_schedule_kinds[] = {
    &cvy_schedule_constant_kind.kind,
    &cvy_schedule_exponential_decay.kind,
    &cvy_schedule_inverse_time_decay.kind,
    &cvy_schedule_polynomial_decay.kind,
    &cvy_schedule_piecewise_constant_decay.kind,
    &cvy_schedule_cosine_decay.kind,
    &cvy_schedule_cosine_decay_restarts.kind,
    &cvy_schedule_one_cycle.kind,
    &cvy_schedule_step_decay.kind,
    NULL,
};

static cvy_status read_spec(const char *spec, cvy_schedule *schedule)
{
    const cvy_kind *kind;
    cvy_status status =
        cvy_spec_read("learning rate", spec, cvy_schedule_kinds, &kind, &schedule->settings);

    if (status != CVY_OK)
        return status;
    schedule->kind = (const cvy_schedule_kind *)kind;
    if (schedule->kind->check == NULL)
        return CVY_OK;
    status = schedule->kind->check(schedule->settings);
    if (status != CVY_OK) {
        cvy_fail_at(status, "learning rate %s", kind->name);
        cvy_schedule_release(schedule);
    }
    return status;
}

/* A comma as in "0,001" is a decimal comma; other commas more likely separate a list. */
static cvy_status fail_number(const char *spec)
{
    static const cvy_setting row = {
        "learning rate", CVY_FLOAT, 0, NULL, 0, HUGE_VAL, "", 0, NULL
    };
    char meant[CVY_NAME_BYTES];

    if (strncmp(spec, "0,", 2) == 0 && cvy_value_meant(&row, spec, meant))
        return cvy_fail(CVY_ERR_SETTING,
                        "learning rate: found \"%s\", expected a number; did you mean %s?", spec,
                        meant);
    return cvy_fail(CVY_ERR_SETTING,
                    "learning rate: found \"%s\", expected a number\nTo compare several, give "
                    "convoy compare a --learning-rate for each.",
                    spec);
}

cvy_status cvy_schedule_read(const char *spec, cvy_schedule *schedule)
{
    enum { SPEC_BYTES = 128 };
    char constant[SPEC_BYTES];

    *schedule = (cvy_schedule){ .run = { 1, 1 } };
    /* names of schedules begin with a letter, and so do the numbers "nan" and "inf" */
    bool is_number = !cvy_is_letter(spec[0]) || cvy_begins_with_letters(spec, "nan") ||
                     cvy_begins_with_letters(spec, "inf");
    if (is_number) {
        if ((size_t)snprintf(constant, sizeof constant, "constant:learning_rate=%s", spec) >=
                sizeof constant ||
            strchr(spec, ',') != NULL)
            return fail_number(spec);
        spec = constant;
    }
    return read_spec(spec, schedule);
}

void cvy_schedule_start(cvy_schedule *schedule, cvy_schedule_run run)
{
    assert(run.steps_per_epoch > 0 && run.steps_total > 0);
    schedule->run = run;
}

double cvy_schedule_rate(const cvy_schedule *schedule, size_t step)
{
    const cvy_schedule_settings *s = schedule->settings;

    if (step >= s->warmup_steps)
        return schedule->kind->rate(s, &schedule->run, step - s->warmup_steps);
    const double target = schedule->kind->rate(s, &schedule->run, 0);
    return s->warmup_start + (target - s->warmup_start) * (double)step / (double)s->warmup_steps;
}

void cvy_schedule_release(cvy_schedule *schedule)
{
    cvy_memory_free(schedule->settings);
    *schedule = (cvy_schedule){ 0 };
}
