/* Configurations out of words, what is tried in tuning, targets. Runs and files: tests/cli/compare.sh. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "convoy/convoy.h"
#include "study/configurations.h"
#include "study/rule.h"
#include "study/targets.h"
#include "study/tuning.h"

/* A study out of nothing but configurations. */
typedef struct {
    cvy_text_list optimizers, learning_rates, grids, targets, tunings;
    bool is_about_schedules;
} words;

static cvy_status make(const words *w, cvy_study *study)
{
    const cvy_study_settings settings = {
        .optimizers = &w->optimizers,
        .learning_rates = &w->learning_rates,
        .grids = &w->grids,
        .targets = &w->targets,
        .tunings = &w->tunings,
        .is_about_schedules = w->is_about_schedules,
    };
    *study = (cvy_study){ .setup = { .train_count = 100,
                                     .batch_size = 10,
                                     .steps_per_epoch = 10,
                                     .evaluate_every = 10 } };
    return cvy_configurations_make(&settings, 100, study);
}

static void expect_labels(const words *w, const char *const *labels, size_t count)
{
    cvy_study study;

    cr_assert(eq(int, make(w, &study), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(sz, study.configuration_count, count));
    for (size_t i = 0; i < count; i++)
        cr_expect(eq(str, study.configurations[i].label, (char *)labels[i]));
    cvy_study_release(&study);
}

#define EXPECT_LABELS(w, ...)                                                                      \
    do {                                                                                           \
        static const char *const labels[] = { __VA_ARGS__ };                                       \
        expect_labels(w, labels, sizeof labels / sizeof *labels);                                  \
    } while (0)

Test(configurations, rates_are_crossed_with_optimizers)
{
    const words w = { .optimizers = { 2, { "sgd:momentum=0.9", "mine=adam" } },
                      .learning_rates = { 2, { "0.1", "0.01" } } };

    EXPECT_LABELS(&w, "sgd momentum=0.9, 0.1", "sgd momentum=0.9, 0.01", "mine, 0.1", "mine, 0.01");
}

Test(configurations, a_grid_multiplies_those_that_have_the_setting)
{
    const words w = { .optimizers = { 2, { "sgd", "adam" } },
                      .grids = { 2, { "momentum=0;0.5", "beta_1=0.8" } } };

    EXPECT_LABELS(&w, "sgd momentum=0", "sgd momentum=0.5", "adam beta_1=0.8");
}

Test(configurations, a_grid_of_batch_sizes_multiplies_all)
{
    const words w = { .optimizers = { 2, { "sgd", "adam" } },
                      .grids = { 1, { "batch_size=1;full" } } };

    EXPECT_LABELS(&w, "sgd batch_size=1", "sgd batch_size=full", "adam batch_size=1",
                  "adam batch_size=full");
}

Test(configurations, batch_sizes_divide_the_images)
{
    const cvy_setup setup = {
        .train_count = 100, .batch_size = 10, .steps_per_epoch = 10, .evaluate_every = 3
    };
    static const struct {
        size_t asked, batch, steps, every;
    } cases[] = { { 1, 1, 100, 25 }, { 30, 30, 4, 1 }, { 0, 100, 1, 1 }, { 1000, 100, 1, 1 } };
    cvy_configuration c = { 0 };

    cvy_configuration_set_batch(&c, &setup, false, 7);
    cr_expect(eq(sz, c.batch_size, 10));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_configuration_set_batch(&c, &setup, true, cases[i].asked);
        cr_expect(eq(sz, c.batch_size, cases[i].batch));
        cr_expect(eq(sz, c.steps_per_epoch, cases[i].steps));
        cr_expect(eq(sz, c.evaluate_every, cases[i].every));
    }
}

Test(configurations, every_setting_is_filled_in)
{
    const words w = { .optimizers = { 1, { "sgd:momentum=0.9" } },
                      .grids = { 1, { "learning_rate=0.5" } } };
    cvy_study study;
    cvy_rule expected;
    char rate[CVY_RULE_BYTES];

    cr_assert(eq(int, make(&w, &study), CVY_OK));
    cr_assert(
        eq(int, cvy_rule_read("sgd:learning_rate=0.5,momentum=0.9", NULL, &expected), CVY_OK));
    cr_assert(eq(int, cvy_rule_print_rate(&expected, rate), CVY_OK));
    cr_expect(eq(str, study.configurations[0].optimizer, expected.optimizer));
    cr_expect(eq(str, study.configurations[0].learning_rate, rate));
    cr_expect(eq(sz, study.configurations[0].state_floats, 1));
    cvy_study_release(&study);
}

Test(configurations, tuning_gives_each_an_untuned_twin_and_trials)
{
    const words w = { .optimizers = { 2, { "sgd", "adam" } },
                      .tunings = { 1, { "momentum=0.1..0.9:2" } } };

    EXPECT_LABELS(&w, "sgd", "adam", "sgd untuned", "sgd momentum=0.1", "sgd momentum=0.9");
}

Test(configurations, a_rate_of_a_schedule_is_tuned_in_the_schedule)
{
    const words w = {
        .optimizers = { 1, { "adam" } },
        .learning_rates = { 1, { "cosine_decay:initial_learning_rate=1,decay_steps=9" } },
        .tunings = { 1, { "initial_learning_rate=0.01..1:2" } }
    };
    cvy_study study;

    cr_assert(eq(int, make(&w, &study), CVY_OK));
    cr_assert(eq(sz, study.configuration_count, 4));
    cr_expect(eq(int,
                 strncmp(study.configurations[2].learning_rate,
                         "cosine_decay:initial_learning_rate=0.01,decay_steps=9", 53),
                 0));
    cvy_study_release(&study);
}

/* The learning rate of a schedule is its peak; names say what was tuned. */
Test(configurations, a_learning_rate_tunes_the_peak_of_a_schedule)
{
    static const struct {
        const char *rate, *label, *spec;
    } cases[] = {
        { "cosine_decay:initial_learning_rate=1,decay_steps=9",
          "adam, cosine_decay initial_learning_rate=0.01 decay_steps=9",
          "cosine_decay:initial_learning_rate=0.01,decay_steps=9" },
        { "one_cycle:max_learning_rate=1", "adam, one_cycle max_learning_rate=0.01",
          "one_cycle:max_learning_rate=0.01" },
        { "piecewise_constant_decay:boundaries=[5],values=[0.5;0.05]",
          "adam, piecewise_constant_decay boundaries=[5] values=[0.01;0.001]",
          "piecewise_constant_decay:boundaries=[5],values=[0.01;0.001]" },
        { "0.1", "adam learning_rate=0.01", "constant:learning_rate=0.01" },
        { "cos=cosine_decay:initial_learning_rate=1,decay_steps=9",
          "adam, cos initial_learning_rate=0.01",
          "cosine_decay:initial_learning_rate=0.01,decay_steps=9" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const words w = { .optimizers = { 1, { "adam" } },
                          .learning_rates = { 1, { cases[i].rate } },
                          .tunings = { 1, { "learning_rate=0.01..1:2" } } };
        cvy_study study;
        cr_assert(eq(int, make(&w, &study), CVY_OK), "%s", cvy_error_message());
        cr_assert(eq(sz, study.configuration_count, 4));
        cr_expect(eq(str, study.configurations[2].label, (char *)cases[i].label));
        cr_expect(
            eq(int,
               strncmp(study.configurations[2].learning_rate, cases[i].spec, strlen(cases[i].spec)),
               0),
            "%s", study.configurations[2].learning_rate);
        cvy_study_release(&study);
    }
}

Test(configurations, a_range_of_its_own_goes_before_one_for_all)
{
    const words w = { .optimizers = { 2, { "sgd", "adam" } },
                      .tunings = {
                          2, { "learning_rate=0.1..1:2", "adam:learning_rate=0.001..0.1:3" } } };

    EXPECT_LABELS(&w, "sgd", "adam", "sgd untuned", "adam untuned", "sgd learning_rate=0.1",
                  "sgd learning_rate=1", "adam learning_rate=0.001", "adam learning_rate=0.01",
                  "adam learning_rate=0.1");
}

Test(configurations, as_many_as_there_is_room_for)
{
    words w = { .optimizers = { 1, { "sgd" } } };
    cvy_study study;

    for (size_t i = 0; i < 2; i++)
        w.grids.texts[w.grids.count++] =
            i == 0 ? "momentum=0;0.1;0.2;0.3;0.4;0.5;0.6;0.7;0.8;0.9;0.91;0.92;0.93;0.94;0.95;0.96;"
                     "0.97"
                   : "learning_rate=1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16";
    cr_expect(eq(int, make(&w, &study), CVY_ERR_SETTING)); /* 17 x 16 = 272 > 256 */
    cvy_study_release(&study);
}

static const bool one[CVY_TUNED_KEYS_MAX] = { true }, both[CVY_TUNED_KEYS_MAX] = { true, true },
                  second[CVY_TUNED_KEYS_MAX] = { false, true };

Test(tuning, a_grid_is_logarithmic_and_ends_where_it_was_told)
{
    static const double expected[] = { 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100 };
    cvy_tuning tuning = { 0 };

    cr_assert(eq(int, cvy_tuning_read("learning_rate=1e-5..1e2:8", &tuning), CVY_OK));
    cr_expect(eq(str, tuning.keys[0].name, "learning_rate"));
    cr_expect(eq(sz, cvy_tuning_trials(&tuning, one), 8));
    for (size_t i = 0; i < 8; i++)
        cr_expect(ieee_ulp_eq(dbl, cvy_tuning_value(&tuning, one, i, 0), expected[i], 1));
}

Test(tuning, quasi_random_values_are_van_der_corputs)
{
    /* 10^(-4 + 4 v), v = 1/2, 1/4, 3/4, 1/8, 5/8; to four digits */
    static const double expected[] = { 0.01, 0.001, 0.1, 0.0003162, 0.03162 };
    cvy_tuning tuning = { 0 };

    cr_assert(eq(int, cvy_tuning_read("a=1e-4..1:5 quasi-random", &tuning), CVY_OK));
    cr_expect(tuning.is_random);
    for (size_t i = 0; i < 5; i++)
        cr_expect(ieee_ulp_eq(dbl, cvy_tuning_value(&tuning, one, i, 0), expected[i], 1));
}

Test(tuning, several_keys_on_grids_are_combined)
{
    static const double expected[6][2] = { { 0.1, 1 }, { 0.1, 10 }, { 0.1, 100 },
                                           { 0.5, 1 }, { 0.5, 10 }, { 0.5, 100 } };
    cvy_tuning tuning = { 0 };

    cr_assert(eq(int, cvy_tuning_read("a=0.1..0.5:2", &tuning), CVY_OK));
    cr_assert(eq(int, cvy_tuning_read("b=1..100:3", &tuning), CVY_OK));
    cr_assert(eq(sz, cvy_tuning_trials(&tuning, both), 6));
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < 2; k++)
            cr_expect(eq(dbl, cvy_tuning_value(&tuning, both, i, k), expected[i][k]));
    /* who has no a is tried with the values of b alone */
    cr_assert(eq(sz, cvy_tuning_trials(&tuning, second), 3));
    for (size_t i = 0; i < 3; i++)
        cr_expect(eq(dbl, cvy_tuning_value(&tuning, second, i, 1), expected[i][1]));
}

Test(tuning, several_keys_off_the_grid_are_haltons_points)
{
    /* 10^(3 v), v = 1/3, 2/3, 1/9, 4/9: in base 3, beside base 2 for the first key */
    static const double expected[] = { 10, 100, 2.154, 21.54 };
    cvy_tuning tuning = { 0 };

    cr_assert(eq(int, cvy_tuning_read("a=1e-4..1:4:quasi-random", &tuning), CVY_OK));
    cr_assert(eq(int, cvy_tuning_read("b=1..1000:4:quasi-random", &tuning), CVY_OK));
    cr_assert(eq(sz, cvy_tuning_trials(&tuning, both), 4));
    for (size_t i = 0; i < 4; i++) {
        cr_expect(ieee_ulp_eq(dbl, cvy_tuning_value(&tuning, both, i, 1), expected[i], 1));
        cr_expect(eq(dbl, cvy_tuning_value(&tuning, second, i, 1),
                     cvy_tuning_value(&tuning, both, i, 1)));
    }
    cr_expect(ieee_ulp_eq(dbl, cvy_tuning_value(&tuning, both, 2, 0), 0.1, 1));
}

Test(tuning, keys_that_do_not_go_together)
{
    static const char *const bad[] = { "a=1..2:3", "b=1..2:3:quasi-random", "b=1..2:400" };
    cvy_tuning tuning = { 0 };

    cr_assert(eq(int, cvy_tuning_read("a=1..2:3", &tuning), CVY_OK));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cvy_tuning copy = tuning;
        cr_expect(eq(int, cvy_tuning_read(bad[i], &copy), CVY_ERR_SETTING), "%s", bad[i]);
    }
    tuning = (cvy_tuning){ 0 };
    cr_assert(eq(int, cvy_tuning_read("a=1..2:3:quasi-random", &tuning), CVY_OK));
    cr_expect(eq(int, cvy_tuning_read("b=1..2:4:quasi-random", &tuning), CVY_ERR_SETTING));
}

Test(configurations, several_tuned_keys)
{
    const words w = { .optimizers = { 2, { "sgd", "adagrad" } },
                      .tunings = { 2, { "momentum=0.1..0.9:2", "learning_rate=0.1..1:2" } } };

    EXPECT_LABELS(&w, "sgd", "adagrad", "sgd untuned", "adagrad untuned",
                  "sgd momentum=0.1 learning_rate=0.1", "sgd momentum=0.1 learning_rate=1",
                  "sgd momentum=0.9 learning_rate=0.1", "sgd momentum=0.9 learning_rate=1",
                  "adagrad learning_rate=0.1", "adagrad learning_rate=1");
}

Test(tuning, refuses_what_is_no_range)
{
    static const char *const bad[] = {
        "",           "a",           "a=",          "=1..2:3",   "a=1:3",         "a=1..:3",
        "a=..2:3",    "a=2..1:3",    "a=1..1:3",    "a=0..1:3",  "a=1..2",        "a=1..2:",
        "a=1..2:1",   "a=1..2:1001", "a=1..2:3:no", "a=-1..2:3", "a=1..2:3:",     "a=1...2:3",
        "a=nan..2:3", "a=1..inf:3",  "a=1..2:-3",   "a=1,2:3",   "a=1..2:3quasi",
    };
    cvy_tuning tuning = { 0 };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, cvy_tuning_read(bad[i], &tuning), CVY_ERR_SETTING), "%s", bad[i]);
}

/* --- targets --- */

/* Two configurations, three seeds, two evaluations; the second configuration's last run diverged. */
typedef struct {
    cvy_study study;
    cvy_configuration configurations[2];
    cvy_study_run runs[6];
    cvy_point points[6][2];
} fixture;

static void build(fixture *f)
{
    static const double accuracies[6][2] = { { 0.5, 0.9 },  { 0.95, 0.8 }, { 0.7, 0.91 },
                                             { 0.6, 0.99 }, { 0.6, 0.92 }, { 0.99, 0.999 } };
    *f = (fixture){ .configurations = { { .run_count = 3 }, { .first_run = 3, .run_count = 3 } } };
    for (size_t i = 0; i < 6; i++) {
        f->runs[i] = (cvy_study_run){ .configuration = i / 3,
                                      .state = i < 5 ? CVY_RUN_FINISHED : CVY_RUN_DIVERGED,
                                      .point_count = 2,
                                      .points = f->points[i] };
        for (size_t p = 0; p < 2; p++) {
            f->points[i][p].step = 10 * (p + 1);
            f->points[i][p].metric[CVY_METRIC_VAL_ACCURACY] = accuracies[i][p];
            f->points[i][p].metric[CVY_METRIC_VAL_LOSS] = 1 - accuracies[i][p];
        }
    }
    f->study = (cvy_study){ .configuration_count = 2,
                            .compared_count = 2,
                            .configurations = f->configurations,
                            .seed_count = 3,
                            .run_count = 6,
                            .runs = f->runs };
}

Test(targets, automatic_is_the_best_median_of_the_best)
{
    cvy_target targets[] = { { .metric = CVY_METRIC_VAL_ACCURACY, .value = NAN, .is_auto = true },
                             { .metric = CVY_METRIC_VAL_LOSS, .value = NAN, .is_auto = true },
                             { .metric = CVY_METRIC_VAL_LOSS, .value = 0.5 } };
    fixture f;

    build(&f);
    f.study.targets = targets;
    f.study.target_count = 3;
    cr_assert(eq(int, cvy_study_set_targets(&f.study), CVY_OK));
    /* medians of {0.9, 0.95, 0.91} and {0.99, 0.92, nothing} */
    cr_expect(eq(dbl, targets[0].value, 0.92));
    cr_expect(ieee_ulp_eq(dbl, targets[1].value, 1 - 0.92, 4));
    cr_expect(eq(dbl, targets[2].value, 0.5));
}

Test(targets, automatic_of_an_even_number_is_reached_by_more_than_half)
{
    cvy_target target = { .metric = CVY_METRIC_VAL_ACCURACY, .is_auto = true };
    fixture f;

    build(&f);
    f.configurations[0].run_count = 2; /* best 0.9 and 0.95 */
    f.study.compared_count = 1;
    f.study.targets = &target;
    f.study.target_count = 1;
    cr_assert(eq(int, cvy_study_set_targets(&f.study), CVY_OK));
    cr_expect(eq(dbl, target.value, 0.9));
}

Test(targets, nobody_finished)
{
    cvy_target target = { .metric = CVY_METRIC_VAL_ACCURACY, .value = 0, .is_auto = true };
    fixture f;

    build(&f);
    for (size_t i = 0; i < 6; i++)
        f.runs[i].state = CVY_RUN_DIVERGED;
    f.study.targets = &target;
    f.study.target_count = 1;
    cr_assert(eq(int, cvy_study_set_targets(&f.study), CVY_OK));
    cr_expect(isnan(target.value));
}

Test(targets, the_first_evaluation_that_reaches_it)
{
    const cvy_target high = { .metric = CVY_METRIC_VAL_ACCURACY, .value = 0.95 };
    const cvy_target low = { .metric = CVY_METRIC_VAL_LOSS, .value = 0.1 };
    const cvy_target none = { .metric = CVY_METRIC_VAL_ACCURACY, .value = NAN };
    fixture f;

    build(&f);
    cr_expect(eq(sz, cvy_study_hit(&f.runs[1], &high)->step, 10));
    cr_expect(eq(sz, cvy_study_hit(&f.runs[3], &high)->step, 20));
    cr_expect(eq(ptr, (void *)cvy_study_hit(&f.runs[0], &high), NULL));
    cr_expect(eq(sz, cvy_study_hit(&f.runs[1], &low)->step, 10));
    cr_expect(eq(ptr, (void *)cvy_study_hit(&f.runs[1], &none), NULL));
    cr_expect(eq(ptr, (void *)cvy_study_run_at(&f.study, 1, 3), NULL));
    cr_expect(eq(ptr, (void *)cvy_study_run_at(&f.study, 1, 0), &f.runs[3]));
}

static cvy_status read_targets(const char *text, size_t validation_count, bool has_accuracy,
                               cvy_target *target)
{
    const cvy_text_list targets = { text != NULL ? 1 : 0, { text } };
    const cvy_study_settings settings = { .targets = &targets };
    cvy_study study = { .setup = { .validation_count = validation_count } };
    cvy_status status = cvy_targets_read(&settings, has_accuracy, &study);

    if (status == CVY_OK)
        *target = study.targets[0];
    cvy_study_release(&study);
    return status;
}

Test(targets, are_read)
{
    cvy_target target;

    cr_assert(eq(int, read_targets("val_accuracy=0.985", 10, true, &target), CVY_OK));
    cr_expect(eq(int, target.metric, CVY_METRIC_VAL_ACCURACY));
    cr_expect(eq(dbl, target.value, 0.985));
    cr_assert(eq(int, read_targets(NULL, 10, true, &target), CVY_OK));
    cr_expect(eq(int, target.metric, CVY_METRIC_VAL_ACCURACY));
    cr_expect(target.is_auto);
    cr_assert(eq(int, read_targets("auto", 0, true, &target), CVY_OK));
    cr_expect(eq(int, target.metric, CVY_METRIC_ACCURACY));
    cr_assert(eq(int, read_targets("auto", 10, false, &target), CVY_OK));
    cr_expect(eq(int, target.metric, CVY_METRIC_VAL_LOSS));
    cr_expect(eq(int, read_targets("val_loss=1", 0, true, &target), CVY_ERR_SETTING));
    cr_expect(eq(int, read_targets("accuracy=1", 10, false, &target), CVY_ERR_SETTING));
    cr_expect(eq(int, read_targets("val_accuracy", 10, true, &target), CVY_ERR_SETTING));
    cr_expect(eq(int, read_targets("loss=none", 10, true, &target), CVY_ERR_SETTING));
    cr_expect(eq(int, read_targets("loss=2", 10, true, &target), CVY_OK));
    cr_expect(eq(int, read_targets("accuracy=1", 10, true, &target), CVY_OK));
    cr_expect(eq(int, read_targets("accuracy=1.01", 10, true, &target), CVY_ERR_SETTING));
}
