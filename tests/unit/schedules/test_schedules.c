/* Every schedule against Keras (tests/golden/schedules.json), and how a rate is asked for. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schedules/schedule.h"
#include "support/golden.h"

/* The goldens have nine digits. */
static const double relative_tolerance = 1e-8;

Test(schedules, rates_are_those_of_keras)
{
    json_t *golden = golden_open("schedules.json");
    const json_t *cases = golden_member(golden, "cases");
    size_t step_count, rate_count;
    double *steps = golden_numbers(golden, "steps", &step_count);

    cr_assert(step_count > 0 && json_array_size(cases) > 0);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *entry = json_array_get(cases, i);
        const char *spec = golden_text(entry, "spec");
        double *rates = golden_numbers(entry, "rates", &rate_count);
        cvy_schedule schedule;
        cr_assert_eq(rate_count, step_count);
        cr_assert_eq(cvy_schedule_read(spec, &schedule), CVY_OK, "%s", cvy_error_message());
        for (size_t s = 0; s < step_count; s++) {
            const double found = cvy_schedule_rate(&schedule, (size_t)steps[s]);
            cr_expect_float_eq(found, rates[s], relative_tolerance * fabs(rates[s]),
                               "%s, step %g: %.12g, Keras has %.12g", spec, steps[s], found,
                               rates[s]);
        }
        cvy_schedule_release(&schedule);
        free(rates);
    }
    free(steps);
    json_decref(golden);
}

Test(schedules, each_kind_and_setting_has_a_golden)
{
    json_t *golden = golden_open("schedules.json");
    const json_t *cases = golden_member(golden, "cases");

    cr_expect_geq(cvy_kind_count(cvy_schedule_kinds), 2);
    for (size_t k = 0; cvy_schedule_kinds[k] != NULL; k++) {
        const cvy_kind *kind = cvy_schedule_kinds[k];
        for (const cvy_setting *row = kind->settings; row->name != NULL; row++) {
            bool is_given = false;
            for (size_t i = 0; i < json_array_size(cases); i++) {
                const char *spec = golden_text(json_array_get(cases, i), "spec");
                const size_t length = strlen(kind->name);
                is_given = is_given || (strncmp(spec, kind->name, length) == 0 &&
                                        spec[length] == ':' && strstr(spec, row->name) != NULL);
            }
            cr_expect(is_given, "%s: no golden gives %s", kind->name, row->name);
        }
    }
    json_decref(golden);
}

Test(schedules, a_number_is_a_constant_rate)
{
    static const struct {
        const char *text;
        double rate;
    } cases[] = {
        { "0.01", 0.01 }, { "1e-3", 1e-3 }, { ".5", 0.5 },
        { "0", 0 },       { "3", 3 },       { "constant:learning_rate=0.25", 0.25 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_schedule schedule;
        cr_assert_eq(cvy_schedule_read(cases[i].text, &schedule), CVY_OK, "%s", cases[i].text);
        cr_expect_str_eq(schedule.kind->kind.name, "constant");
        cr_expect_eq(cvy_schedule_rate(&schedule, 0), cases[i].rate);
        cr_expect_eq(cvy_schedule_rate(&schedule, 1000000), cases[i].rate);
        cvy_schedule_release(&schedule);
        cr_expect_null(schedule.settings);
    }
}

Test(schedules, what_is_neither_number_nor_schedule_is_refused)
{
#define DECAY "exponential_decay:initial_learning_rate=0.1,"
    static const struct {
        const char *text, *word;
    } cases[] = {
        { "", "number" },
        { "-0.1", "-0.1" },
        { "nan", "nan" },
        { "inf", "inf" },
        { "-inf", "-inf" },
        { "0.1x", "0.1x" },
        { "0.1,0.2", "0.1,0.2" },
        { "0.1,staircase=true", "0.1,staircase=true" },
        { "cosine", "cosine" },
        { "constant", "learning_rate" },
        { "constant:learning_rate=nan", "nan" },
        { "exponential_decay", "initial_learning_rate" },
        { DECAY "decay_steps=10", "decay_rate" },
        { DECAY "decay_steps=0,decay_rate=0.5", "decay_steps" },
        { DECAY "decay_steps=-1,decay_rate=0.5", "decay_steps" },
        { DECAY "decay_steps=10,decay_rate=0", "decay_rate" },
        { DECAY "decay_steps=10,decay_rate=0.5,staircase=2", "staircase" },
        { DECAY "decay_steps=10,decay_rate=0.5,stair=true", "stair" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_schedule schedule;
        cr_expect_eq(cvy_schedule_read(cases[i].text, &schedule), CVY_ERR_SETTING, "%s",
                     cases[i].text);
        cr_expect_not_null(strstr(cvy_error_message(), cases[i].word), "%s: %s", cases[i].text,
                           cvy_error_message());
    }
}

Test(schedules, a_rate_that_is_too_long_is_refused)
{
    char text[1001];
    cvy_schedule schedule;

    memset(text, '1', 1000);
    text[1000] = '\0';
    cr_expect_eq(cvy_schedule_read(text, &schedule), CVY_ERR_SETTING);
}
