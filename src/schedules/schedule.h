/* What a learning-rate schedule is: a function of the step, 0 for the first update. */
#ifndef CVY_SCHEDULES_SCHEDULE_H
#define CVY_SCHEDULES_SCHEDULE_H

#include "base/settings.h"

typedef struct {
    cvy_kind kind;
    double (*rate)(const void *settings, size_t step);
} cvy_schedule_kind;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_schedule_kinds[];

/* A schedule as someone asked for it. */
typedef struct {
    const cvy_schedule_kind *kind;
    void *settings;
} cvy_schedule;

/**
 * Read "0.01" or a spec such as "exponential_decay:initial_learning_rate=0.1,...". Released with
 * cvy_schedule_release(). Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_schedule_read(const char *spec, cvy_schedule *schedule);

void cvy_schedule_release(cvy_schedule *schedule);

static inline double cvy_schedule_rate(const cvy_schedule *schedule, size_t step)
{
    return schedule->kind->rate(schedule->settings, step);
}

#endif
