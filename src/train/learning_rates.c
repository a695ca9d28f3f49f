/* A learning rate evaluated over updates, without training. */
#include "convoy/train.h"
#include "schedules/schedule.h"

cvy_status cvy_learning_rates(const char *spec, size_t steps_per_epoch, size_t steps_total,
                              size_t first, size_t count, double *rates)
{
    cvy_schedule schedule;

    CVY_REQUIRE(spec);
    CVY_REQUIRE(rates);
    if (steps_per_epoch < 1 || steps_total < 1)
        return cvy_fail(CVY_ERR_SETTING, "%s: found 0, expected at least 1",
                        steps_per_epoch < 1 ? "steps_per_epoch" : "steps_total");
    if (count > PTRDIFF_MAX / sizeof *rates || first > SIZE_MAX - count)
        return cvy_fail(CVY_ERR_SETTING,
                        "count: found %zu updates from %zu on, an impossible number", count, first);
    cvy_status status = cvy_schedule_read(spec, &schedule);
    if (status != CVY_OK)
        return status;
    cvy_schedule_start(&schedule, (cvy_schedule_run){ steps_per_epoch, steps_total });
    for (size_t i = 0; i < count; i++)
        rates[i] = cvy_schedule_rate(&schedule, first + i);
    cvy_schedule_release(&schedule);
    return CVY_OK;
}
