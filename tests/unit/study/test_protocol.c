/* Protocols: what they settle, and AlgoPerf's score of planted trials. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "study/protocol.h"

enum { TRIALS = 15 };

static const cvy_protocol *protocol;

static cvy_status apply(const char *name, const char *tuning, cvy_study_settings *settings)
{
    static cvy_text_list tunings;

    tunings = (cvy_text_list){ tuning != NULL, { tuning } };
    *settings = (cvy_study_settings){ .protocol = name, .tunings = &tunings };
    return cvy_protocol_apply(settings, &protocol);
}

Test(protocol, deepobs_tunes_36_rates_and_repeats_the_best_ten_times)
{
    cvy_study_settings settings;

    cr_assert_eq(apply("deepobs", NULL, &settings), CVY_OK);
    cr_expect_str_eq(settings.tunings->texts[0], "learning_rate=1e-5..100:36");
    cr_expect_eq(settings.seed_count, 10);
    cr_expect_eq(protocol->studies, 0);
}

Test(protocol, another_search_space_must_have_the_same_budget)
{
    cvy_study_settings settings;

    cr_expect_eq(apply("algoperf-external", "beta_1=0.5..0.99:15:quasi-random", &settings), CVY_OK);
    cr_expect_str_eq(settings.tunings->texts[0], "beta_1=0.5..0.99:15:quasi-random");
    cr_expect_eq(apply("algoperf-external", "beta_1=0.5..0.99:14:quasi-random", &settings),
                 CVY_ERR_SETTING);
    cr_expect_eq(apply("algoperf-external", "beta_1=0.5..0.99:15", &settings), CVY_ERR_SETTING);
    cr_expect_eq(apply("deepobs", "beta_1=0.5..0.99:36:quasi-random", &settings), CVY_ERR_SETTING);
    cr_expect_eq(apply("deepops", NULL, &settings), CVY_ERR_SETTING);
    cr_expect(strstr(cvy_error_message(), "algoperf-external or deepobs") != NULL);
}

Test(protocol, trials_are_dealt_in_equal_parts)
{
    cvy_study_settings settings;
    size_t counts[3] = { 0 }, in_order = 0;

    cr_assert_eq(apply("algoperf-external", NULL, &settings), CVY_OK);
    cr_expect_eq(settings.seed_count, 0);
    for (size_t i = 0; i < TRIALS; i++) {
        const size_t study = cvy_protocol_study_of(protocol, 7, i);
        cr_assert_lt(study, 3);
        cr_expect_eq(study, cvy_protocol_study_of(protocol, 7, i));
        counts[study]++;
        in_order += study == i / 5;
    }
    for (size_t s = 0; s < 3; s++)
        cr_expect_eq(counts[s], 5);
    cr_expect_lt(in_order, TRIALS); /* not one after another: at random */
}

/* Trial i of the compared configuration reaches the target after 100 + i steps and so many seconds; those of one study
 * never do. */
Test(protocol, score_is_the_median_of_the_fastest_of_each_study)
{
    cvy_study_settings settings;
    cvy_configuration configurations[1 + TRIALS] = { { .role = CVY_ROLE_COMPARED } };
    cvy_study_run runs[1 + TRIALS] = { { .state = CVY_RUN_FINISHED } };
    cvy_point points[1 + TRIALS];
    const cvy_target target = { .metric = CVY_METRIC_VAL_ACCURACY, .value = 0.9 };
    double least[3] = { HUGE_VAL, HUGE_VAL, HUGE_VAL };
    const uint64_t seed = 3;

    cr_assert_eq(apply("algoperf-external", NULL, &settings), CVY_OK);
    for (size_t i = 0; i < TRIALS; i++) {
        const size_t study = cvy_protocol_study_of(protocol, seed, i);
        const size_t steps = 100 + i;
        configurations[1 + i] = (cvy_configuration){ .role = CVY_ROLE_TRIAL, .first_run = 1 + i };
        points[1 + i] = (cvy_point){ .step = steps, .train_seconds = 1e-2 * (double)steps };
        points[1 + i].metric[CVY_METRIC_VAL_ACCURACY] = study == 1 ? 0.8 : 0.9;
        runs[1 + i] = (cvy_study_run){ .state = CVY_RUN_FINISHED,
                                       .points = &points[1 + i],
                                       .point_count = 1 };
        if (study != 1)
            least[study] = fmin(least[study], (double)steps);
    }
    const cvy_study study = { .protocol = protocol,
                              .tuning.seed = seed,
                              .configurations = configurations,
                              .configuration_count = 1 + TRIALS,
                              .compared_count = 1,
                              .runs = runs,
                              .run_count = 1 + TRIALS };
    const cvy_protocol_score score = cvy_protocol_score_of(&study, 0, &target);
    cr_expect_eq(score.trials, TRIALS);
    cr_expect_eq(score.reached, 10);
    for (size_t s = 0; s < 3; s++)
        cr_expect_eq(score.steps[s], least[s]);
    cr_expect_eq(score.median_steps,
                 fmax(least[0], least[2])); /* infinity is the largest of three */
    cr_expect_float_eq(score.median_seconds, 1e-2 * fmax(least[0], least[2]), 1e-12);
}
