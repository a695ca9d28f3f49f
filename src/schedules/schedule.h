/* A learning-rate schedule: a function of the step, which is 0 for the first update. */
#ifndef CVY_SCHEDULES_SCHEDULE_H
#define CVY_SCHEDULES_SCHEDULE_H

#include <math.h>

#include "base/settings.h"

/* The length of the training run. */
typedef struct {
    size_t steps_per_epoch, steps_total; /* at least 1 each */
} cvy_schedule_run;

/* The settings of every schedule begin with those of a linear warm-up before it:
 *     step < warmup_steps:  warmup_start + (rate(0) - warmup_start) * step / warmup_steps
 *     afterwards:           rate(step - warmup_steps)
 * Source: Goyal et al., Accurate, Large Minibatch SGD (2017), section 2.2. */
typedef struct {
    double warmup_start;
    size_t warmup_steps;
} cvy_schedule_settings;

#define CVY_WARMUP_ROWS                                                                            \
    CVY_STEPS_ROW("warmup_steps", offsetof(cvy_schedule_settings, warmup_steps), "0", 0,           \
                  "updates of a linear warm-up before the schedule"),                              \
        CVY_RATE_ROW("warmup_start", offsetof(cvy_schedule_settings, warmup_start), "0",           \
                     "learning rate at the start of the warm-up")

/* Rows that most tables need: a learning rate >= 0; a factor or a time > 0; a count. */
#define CVY_RATE_ROW(name, offset, fallback, help)                                                 \
    {                                                                                              \
        name, CVY_FLOAT, offset, fallback, 0, HUGE_VAL, help, CVY_BELOW_MAX, NULL                  \
    }
#define CVY_FACTOR_ROW(name, offset, fallback, help)                                               \
    {                                                                                              \
        name, CVY_FLOAT, offset, fallback, 0, HUGE_VAL, help, CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL  \
    }
#define CVY_STEPS_ROW(name, offset, fallback, min, help)                                           \
    {                                                                                              \
        name, CVY_COUNT, offset, fallback, min, HUGE_VAL, help, CVY_BELOW_MAX, NULL                \
    }

typedef struct {
    cvy_kind kind;
    /** Checks that a single row cannot express. Returns CVY_ERR_SETTING. NULL: none. */
    cvy_status (*check)(const void *settings);
    double (*rate)(const void *settings, const cvy_schedule_run *run, size_t step);
} cvy_schedule_kind;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_schedule_kinds[];

/* A schedule with its settings. */
typedef struct {
    const cvy_schedule_kind *kind;
    void *settings;
    cvy_schedule_run run;
} cvy_schedule;

/**
 * Read "0.01" or a spec such as "exponential_decay:initial_learning_rate=0.1,...". Released with
 * cvy_schedule_release(). Until cvy_schedule_start() the run has a single step.
 * Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_schedule_read(const char *spec, cvy_schedule *schedule);

/** Set the length of the training run. Called before cvy_schedule_rate(). */
void cvy_schedule_start(cvy_schedule *schedule, cvy_schedule_run run);

/** The learning rate of an update, including the warm-up. It is not finite only if the settings
 *  overflow a double. */
double cvy_schedule_rate(const cvy_schedule *schedule, size_t step);

void cvy_schedule_release(cvy_schedule *schedule);

/** Whether the schedule is a plain number. */
bool cvy_schedule_is_constant(const cvy_schedule *schedule);

/** Change the learning rate of a constant schedule. Must not be called while steps run. */
void cvy_schedule_set_constant(cvy_schedule *schedule, double rate);

#endif
