/* The list of schedules, and how a learning rate is read: a number or a spec. */
#include "schedules/schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

extern const cvy_schedule_kind cvy_schedule_constant_kind, cvy_schedule_exponential_decay;

const cvy_kind *const cvy_schedule_kinds[] = {
    &cvy_schedule_constant_kind.kind,
    &cvy_schedule_exponential_decay.kind,
    NULL,
};

cvy_status cvy_schedule_read(const char *spec, cvy_schedule *schedule)
{
    enum { SPEC_BYTES = 128 };
    char constant[SPEC_BYTES];
    const cvy_kind *kind;

    *schedule = (cvy_schedule){ 0 };
    /* no schedule's name begins like a number, but "nan" and "inf" do like a name */
    bool is_number = !isalpha((unsigned char)spec[0]) || strncasecmp(spec, "nan", 3) == 0 ||
                     strncasecmp(spec, "inf", 3) == 0;
    if (is_number) {
        if ((size_t)snprintf(constant, sizeof constant, "constant:learning_rate=%s", spec) >=
                sizeof constant ||
            strchr(spec, ',') != NULL)
            return cvy_fail(CVY_ERR_SETTING, "learning rate: found \"%s\", expected a number",
                            spec);
        spec = constant;
    }
    cvy_status status =
        cvy_spec_read("learning rate", spec, cvy_schedule_kinds, &kind, &schedule->settings);
    if (status == CVY_OK)
        schedule->kind = (const cvy_schedule_kind *)kind;
    return status;
}

void cvy_schedule_release(cvy_schedule *schedule)
{
    cvy_memory_free(schedule->settings);
    *schedule = (cvy_schedule){ 0 };
}
