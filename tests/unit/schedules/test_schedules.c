/* Every schedule against Keras and PyTorch (tests/golden/schedules.json) and against the numbers of
 * Keras's own tests, and how a rate is asked for. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedules/schedule.h"
#include "support/golden.h"

/* The goldens have nine digits. */
static const double relative_tolerance = 1e-8;

static cvy_schedule read_schedule(const char *spec)
{
    cvy_schedule schedule;

    cr_assert_eq(cvy_schedule_read(spec, &schedule), CVY_OK, "%s: %s", spec, cvy_error_message());
    return schedule;
}

static void expect_rate(const cvy_schedule *schedule, const char *spec, size_t step, double rate,
                        double tolerance)
{
    const double found = cvy_schedule_rate(schedule, step);
    cr_expect(fabs(found - rate) <= tolerance, "%s, step %zu: %.12g, expected %.12g", spec, step,
              found, rate);
}

Test(schedules, rates_are_those_of_keras_and_pytorch)
{
    json_t *golden = golden_open("schedules.json");
    const json_t *cases = golden_member(golden, "cases");
    const cvy_schedule_run run = { (size_t)golden_number(golden, "steps_per_epoch"),
                                   (size_t)golden_number(golden, "steps_total") };
    size_t step_count, rate_count;
    double *steps = golden_numbers(golden, "steps", &step_count);

    cr_assert(step_count > 0 && json_array_size(cases) > 0);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *entry = json_array_get(cases, i);
        const char *spec = golden_text(entry, "spec");
        double *rates = golden_numbers(entry, "rates", &rate_count);
        cvy_schedule schedule = read_schedule(spec);
        cr_assert_eq(rate_count, step_count);
        cvy_schedule_start(&schedule, run);
        for (size_t s = 0; s < step_count; s++)
            expect_rate(&schedule, spec, (size_t)steps[s], rates[s],
                        relative_tolerance * fabs(rates[s]));
        cvy_schedule_release(&schedule);
        free(rates);
    }
    free(steps);
    json_decref(golden);
}

/* What Keras's learning_rate_schedule_test.py expects, and its tolerance. */
Test(schedules, rates_are_those_of_keras_own_tests)
{
    static const double tolerance = 1e-6;
    enum { POINTS = 12 };
    static const struct {
        const char *spec;
        struct {
            size_t step;
            double rate;
        } points[POINTS]; /* from the second on, step 0 ends them */
    } cases[] = {
        { "exponential_decay:initial_learning_rate=0.05,decay_steps=10,decay_rate=0.96",
          { { 5, 0.0489897949 } } },
        { "exponential_decay:initial_learning_rate=0.1,decay_steps=3,decay_rate=0.96,staircase="
          "true",
          { { 1, 0.1 }, { 2, 0.1 }, { 100, 0.0259986436 } } },
        { "piecewise_constant_decay:boundaries=[100;110;120],values=[1;0.1;0.01;0.001]",
          { { 0, 1 }, { 100, 1 }, { 105, 0.1 }, { 110, 0.1 }, { 120, 0.01 }, { 999, 0.001 } } },
        { "piecewise_constant_decay:boundaries=[1;2;3],values=[0.4;0.5;0.6;0.7]",
          { { 0, 0.4 }, { 1, 0.4 }, { 2, 0.5 }, { 3, 0.6 }, { 4, 0.7 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0",
          { { 5, 0.025 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0.001",
          { { 5, 0.0255 }, { 10, 0.001 }, { 15, 0.001 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0.001,"
          "cycle=true",
          { { 15, 0.01325 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0,power=0."
          "5",
          { { 5, 0.0353553391 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0.001,"
          "power=0.5",
          { { 5, 0.0356482323 }, { 10, 0.001 }, { 15, 0.001 } } },
        { "polynomial_decay:initial_learning_rate=0.05,decay_steps=10,end_learning_rate=0.001,"
          "power=0.5,cycle=true",
          { { 15, 0.0255 } } },
        { "polynomial_decay:initial_learning_rate=0.001,decay_steps=10,cycle=true",
          { { 0, 0.001 } } },
        { "inverse_time_decay:initial_learning_rate=0.1,decay_steps=10,decay_rate=0.96",
          { { 0, 0.1 },
            { 1, 0.0912408759 },
            { 2, 0.0838926174 },
            { 3, 0.0776397516 },
            { 4, 0.0722543353 },
            { 5, 0.0675675676 },
            { 6, 0.0634517766 },
            { 7, 0.0598086124 },
            { 8, 0.056561086 },
            { 9, 0.0536480687 },
            { 10, 0.0510204082 } } },
        { "inverse_time_decay:initial_learning_rate=0.1,decay_steps=10,decay_rate=0.96,staircase="
          "true",
          { { 0, 0.1 },
            { 1, 0.1 },
            { 2, 0.1 },
            { 3, 0.1 },
            { 4, 0.1 },
            { 5, 0.1 },
            { 6, 0.1 },
            { 7, 0.1 },
            { 8, 0.1 },
            { 9, 0.1 },
            { 10, 0.0510204082 } } },
        { "cosine_decay:initial_learning_rate=1,decay_steps=1000",
          { { 0, 1 },
            { 250, 0.853553391 },
            { 500, 0.5 },
            { 750, 0.146446609 },
            { 1000, 0 },
            { 1250, 0 } } },
        { "cosine_decay:initial_learning_rate=1,decay_steps=1000,alpha=0.1",
          { { 0, 1 },
            { 250, 0.868198052 },
            { 500, 0.55 },
            { 750, 0.231801948 },
            { 1000, 0.1 },
            { 1250, 0.1 } } },
        { "cosine_decay:initial_learning_rate=0,decay_steps=10,warmup_target=10,warmup_steps=1500",
          { { 0, 0 },
            { 250, 1.66666667 },
            { 500, 3.33333333 },
            { 750, 5 },
            { 1000, 6.66666667 },
            { 1250, 8.33333333 } } },
        { "cosine_decay:initial_learning_rate=0,decay_steps=1000,warmup_target=10,warmup_steps="
          "2000",
          { { 0, 0 },
            { 250, 1.25 },
            { 500, 2.5 },
            { 750, 3.75 },
            { 1000, 5 },
            { 1250, 6.25 },
            { 1500, 7.5 },
            { 1750, 8.75 },
            { 2000, 10 },
            { 2250, 8.53553391 },
            { 2500, 5 },
            { 2750, 1.46446609 } } },
        { "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=1000",
          { { 0, 1 },
            { 250, 0.853553391 },
            { 500, 0.5 },
            { 750, 0.146446609 },
            { 1000, 1 },
            { 1250, 0.961939766 } } },
        { "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=1000,alpha=0.1",
          { { 0, 1 },
            { 250, 0.868198052 },
            { 500, 0.55 },
            { 750, 0.231801948 },
            { 1000, 1 },
            { 1250, 0.96574579 } } },
        { "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=1000,m_mul=0.9",
          { { 0, 1 },
            { 250, 0.853553391 },
            { 500, 0.5 },
            { 750, 0.146446609 },
            { 1000, 0.9 },
            { 1250, 0.86574579 } } },
        { "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=1000,t_mul=1",
          { { 0, 1 },
            { 250, 0.853553391 },
            { 500, 0.5 },
            { 750, 0.146446609 },
            { 1000, 1 },
            { 1250, 0.853553391 } } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_schedule schedule = read_schedule(cases[i].spec);
        for (size_t p = 0; p < POINTS && (p == 0 || cases[i].points[p].step > 0); p++)
            expect_rate(&schedule, cases[i].spec, cases[i].points[p].step, cases[i].points[p].rate,
                        tolerance);
        cvy_schedule_release(&schedule);
    }
}

/* Whether a spec gives a setting of the kind a value. */
static bool gives(const char *spec, const cvy_kind *kind, const char *key)
{
    const size_t name_length = strlen(kind->name), length = strlen(key);

    if (strncmp(spec, kind->name, name_length) != 0 || spec[name_length] != ':')
        return false;
    for (const char *at = spec + name_length; at != NULL; at = strchr(at + 1, ','))
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
            return true;
    return false;
}

Test(schedules, each_kind_and_setting_has_a_golden)
{
    json_t *golden = golden_open("schedules.json");
    const json_t *cases = golden_member(golden, "cases");

    cr_expect_geq(cvy_kind_count(cvy_schedule_kinds), 9);
    for (size_t k = 0; cvy_schedule_kinds[k] != NULL; k++) {
        const cvy_kind *kind = cvy_schedule_kinds[k];
        for (const cvy_setting *row = kind->settings; row->name != NULL; row++) {
            bool is_given = false;
            for (size_t i = 0; i < json_array_size(cases); i++)
                is_given = is_given ||
                           gives(golden_text(json_array_get(cases, i), "spec"), kind, row->name);
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
        cvy_schedule schedule = read_schedule(cases[i].text);
        cr_expect_str_eq(schedule.kind->kind.name, "constant");
        cr_expect_eq(cvy_schedule_rate(&schedule, 0), cases[i].rate);
        cr_expect_eq(cvy_schedule_rate(&schedule, 1000000), cases[i].rate);
        cvy_schedule_release(&schedule);
        cr_expect_null(schedule.settings);
    }
}

Test(schedules, what_is_neither_number_nor_schedule_is_refused)
{
#define RATE        "initial_learning_rate=0.1"
#define EXPONENTIAL "exponential_decay:" RATE ","
#define POLYNOMIAL  "polynomial_decay:" RATE ",decay_steps=10"
#define COSINE      "cosine_decay:" RATE ",decay_steps=10"
#define RESTARTS    "cosine_decay_restarts:" RATE ",first_decay_steps=10"
#define PIECEWISE   "piecewise_constant_decay:boundaries="
#define CYCLE       "one_cycle:max_learning_rate=0.1"
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
        { "exponential_decay:initial_learning_rate=-1", "initial_learning_rate: found \"-1\"" },
        { EXPONENTIAL "decay_steps=10", "decay_rate" },
        { EXPONENTIAL "decay_steps=0,decay_rate=0.5",
          "decay_steps: found \"0\", expected a number above 0" },
        { EXPONENTIAL "decay_steps=-1,decay_rate=0.5", "decay_steps" },
        { EXPONENTIAL "decay_steps=10,decay_rate=0", "decay_rate" },
        { EXPONENTIAL "decay_steps=10,decay_rate=0.5,staircase=2", "staircase" },
        { EXPONENTIAL "decay_steps=10,decay_rate=0.5,stair=true", "unknown setting \"stair\"" },
        { EXPONENTIAL "decay_steps=1,decay_rate=1,warmup_steps=-1", "warmup_steps: found \"-1\"" },
        { EXPONENTIAL "decay_steps=1,decay_rate=1,warmup_start=-1", "warmup_start: found \"-1\"" },
        { "inverse_time_decay:" RATE ",decay_steps=0,decay_rate=1", "above 0" },
        { "inverse_time_decay:" RATE ",decay_steps=1,decay_rate=-1", "decay_rate: found \"-1\"" },
        { "polynomial_decay:" RATE, "decay_steps is missing" },
        { "polynomial_decay:" RATE ",decay_steps=0", "decay_steps: found \"0\"" },
        { POLYNOMIAL ",end_learning_rate=-1", "end_learning_rate: found \"-1\"" },
        { POLYNOMIAL ",power=-1", "power: found \"-1\"" },
        { POLYNOMIAL ",cycle=1", "true or false" },
        { "cosine_decay:decay_steps=10", "initial_learning_rate is missing" },
        { "cosine_decay:" RATE ",decay_steps=0", "decay_steps: found \"0\"" },
        { COSINE ",alpha=1.5", "alpha: found \"1.5\", expected a number in [0, 1]" },
        { COSINE ",warmup_target=-1", "at least 0, or none" },
        { COSINE ",warmup_steps=1.5", "whole number" },
        { COSINE ",warmup_start=0", "unknown setting \"warmup_start\"" },
        { "cosine_decay_restarts:" RATE ",first_decay_steps=0", "first_decay_steps: found \"0\"" },
        { RESTARTS ",t_mul=0.5", "t_mul: found \"0.5\", expected a number, at least 1" },
        { RESTARTS ",m_mul=-1", "m_mul: found \"-1\"" },
        { RESTARTS ",alpha=-0.1", "alpha: found \"-0.1\"" },
        { "piecewise_constant_decay", "boundaries is missing" },
        { PIECEWISE "[3;7]", "values is missing" },
        { PIECEWISE "[7;3],values=[1;2;3]", "boundaries: found 3 after 7, expected increasing" },
        { PIECEWISE "[3;3],values=[1;2;3]", "boundaries: found 3 after 3" },
        { PIECEWISE "[3;7],values=[1;2]", "values: found 2 for 2 boundaries, expected 3" },
        { PIECEWISE "[3;7],values=[1;2;3;4]", "values: found 4 for 2 boundaries, expected 3" },
        { PIECEWISE "[],values=[1]", "boundaries: found \"[]\"" },
        { PIECEWISE "[-1],values=[1;2]", "boundaries: found \"[-1]\"" },
        { PIECEWISE "[1],values=[1;-2]", "values: found \"[1;-2]\"" },
        { PIECEWISE "3,7,values=[1;2;3]", "found \"7\", expected KEY=VALUE" },
        { "one_cycle", "max_learning_rate is missing" },
        { CYCLE ",total_steps=-1", "total_steps: found \"-1\"" },
        { CYCLE ",pct_start=1.1", "pct_start: found \"1.1\", expected a number in [0, 1]" },
        { CYCLE ",anneal_strategy=cosine", "cos or linear" },
        { CYCLE ",div_factor=0", "div_factor: found \"0\"" },
        { CYCLE ",final_div_factor=0", "final_div_factor: found \"0\"" },
        { "step_decay:" RATE, "decay_epochs is missing" },
        { "step_decay:" RATE ",decay_epochs=0", "decay_epochs: found \"0\"" },
        { "step_decay:" RATE ",decay_epochs=1,decay_rate=0", "decay_rate: found \"0\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_schedule schedule;
        cr_expect_eq(cvy_schedule_read(cases[i].text, &schedule), CVY_ERR_SETTING, "%s",
                     cases[i].text);
        cr_expect_null(schedule.settings);
        cr_expect_not_null(strstr(cvy_error_message(), cases[i].word), "%s: %s", cases[i].text,
                           cvy_error_message());
    }
}

Test(schedules, a_constant_can_be_changed)
{
    cvy_schedule schedule;

    cr_assert_eq(cvy_schedule_read("0.1", &schedule), CVY_OK);
    cr_expect(cvy_schedule_is_constant(&schedule));
    cvy_schedule_set_constant(&schedule, 0.05);
    cr_expect_eq(cvy_schedule_rate(&schedule, 0), 0.05);
    cr_expect_eq(cvy_schedule_rate(&schedule, 1000), 0.05);
    cvy_schedule_release(&schedule);
    cr_assert_eq(cvy_schedule_read("exponential_decay:initial_learning_rate=0.1,decay_steps=10,"
                                   "decay_rate=0.5",
                                   &schedule),
                 CVY_OK);
    cr_expect_not(cvy_schedule_is_constant(&schedule));
    cvy_schedule_release(&schedule);
}

Test(schedules, a_rate_that_is_too_long_is_refused)
{
    char text[1001];
    cvy_schedule schedule;

    memset(text, '1', 1000);
    text[1000] = '\0';
    cr_expect_eq(cvy_schedule_read(text, &schedule), CVY_ERR_SETTING);
}

static void expect_rates(const char *spec, cvy_schedule_run run, size_t count, const double *rates)
{
    cvy_schedule schedule = read_schedule(spec);

    cvy_schedule_start(&schedule, run);
    for (size_t step = 0; step < count; step++)
        expect_rate(&schedule, spec, step, rates[step], 1e-15);
    cvy_schedule_release(&schedule);
}

Test(schedules, a_step_decay_counts_the_epochs_of_the_run)
{
    const char *spec = "step_decay:initial_learning_rate=1,decay_epochs=2,decay_rate=0.5";

    expect_rates(spec, (cvy_schedule_run){ 1, 6 }, 6, (double[]){ 1, 1, 0.5, 0.5, 0.25, 0.25 });
    expect_rates(spec, (cvy_schedule_run){ 2, 6 }, 6, (double[]){ 1, 1, 1, 1, 0.5, 0.5 });
}

Test(schedules, a_cycle_without_length_ends_with_the_run)
{
    const char *spec = "one_cycle:max_learning_rate=1,pct_start=0.5,anneal_strategy=linear,"
                       "div_factor=4,final_div_factor=2";

    expect_rates(
        spec, (cvy_schedule_run){ 3, 10 }, 12,
        (double[]){ 0.25, 0.4375, 0.625, 0.8125, 1, 0.825, 0.65, 0.475, 0.3, 0.125, 0.125, 0.125 });
}

/* PyTorch divides 0 by 0 there. */
Test(schedules, a_cycle_whose_rise_is_one_update_begins_at_the_peak)
{
    expect_rates("one_cycle:max_learning_rate=1,total_steps=4,pct_start=0.25,"
                 "anneal_strategy=linear,div_factor=2,final_div_factor=5",
                 (cvy_schedule_run){ 1, 1 }, 4, (double[]){ 1, 0.7, 0.4, 0.1 });
    expect_rates("one_cycle:max_learning_rate=1,total_steps=1,pct_start=1",
                 (cvy_schedule_run){ 1, 1 }, 2, (double[]){ 1, 1 });
    expect_rates("one_cycle:max_learning_rate=1,total_steps=1,div_factor=2,final_div_factor=5",
                 (cvy_schedule_run){ 1, 1 }, 2, (double[]){ 0.1, 0.1 });
}

Test(schedules, a_warm_up_goes_before_any_schedule)
{
    expect_rates("constant:learning_rate=1,warmup_steps=4", (cvy_schedule_run){ 1, 1 }, 6,
                 (double[]){ 0, 0.25, 0.5, 0.75, 1, 1 });
    expect_rates("step_decay:initial_learning_rate=0.5,decay_epochs=1,decay_rate=0.5,"
                 "warmup_steps=2,warmup_start=1.5",
                 (cvy_schedule_run){ 2, 6 }, 6, (double[]){ 1.5, 1, 0.5, 0.5, 0.25, 0.25 });
    /* the cycle has what the warm-up leaves of the run: 7 - 3 updates */
    expect_rates("one_cycle:max_learning_rate=1,pct_start=0.25,anneal_strategy=linear,div_factor=1,"
                 "final_div_factor=4,warmup_steps=3,warmup_start=1",
                 (cvy_schedule_run){ 7, 7 }, 7, (double[]){ 1, 1, 1, 1, 0.75, 0.5, 0.25 });
}

/* Starts that are whole numbers, and nowhere a hair beside them. */
Test(schedules, restarts_begin_on_their_own_step)
{
    static const size_t multiples[] = { 1, 2, 3, 10 }, periods[] = { 200, 20, 12, 8 };
    char spec[128];

    for (size_t i = 0; i < sizeof multiples / sizeof *multiples; i++)
        for (size_t first = 1; first <= 1000; first *= 10) {
            snprintf(spec, sizeof spec,
                     "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=%zu,"
                     "t_mul=%zu",
                     first, multiples[i]);
            cvy_schedule schedule = read_schedule(spec);
            size_t start = 0, length = first;
            for (size_t j = 0; j < periods[i]; j++) {
                expect_rate(&schedule, spec, start, 1, 1e-12);
                start += length;
                length *= multiples[i];
            }
            cvy_schedule_release(&schedule);
        }
}

/* With such a t_mul no start is exact in binary: 10, 21, 33.1 ... */
Test(schedules, rates_of_restarts_stay_in_their_range)
{
    const char *spec =
        "cosine_decay_restarts:initial_learning_rate=1,first_decay_steps=10,t_mul=1.1";
    cvy_schedule schedule = read_schedule(spec);

    expect_rate(&schedule, spec, 10, 1, 1e-12);
    expect_rate(&schedule, spec, 21, 1, 1e-12);
    for (size_t step = 0; step < 100000; step++) {
        const double rate = cvy_schedule_rate(&schedule, step);
        cr_assert(rate >= 0 && rate <= 1, "step %zu: %g", step, rate);
    }
    cvy_schedule_release(&schedule);
}
