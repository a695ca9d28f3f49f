/* The rates that a range test finds, in losses whose shape is known. Runs: tests/cli/find_rate.sh. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "convoy/convoy.h"
#include "study/rate_test.h"
#include "support/models.h"

enum { STEPS = 301 };

static double rates[STEPS], losses[STEPS], smoothed[STEPS];

/* Loss against u = log10 of the rate from -6 to 0: a smooth step down around `fall`, then a smooth step up
 * around `rise`. */
static void plant(double fall, double rise, cvy_rate_run *run)
{
    *run = (cvy_rate_run){
        .count = STEPS, .has_memory = true, .start = 3.3, .losses = losses, .smooth = smoothed
    };
    for (size_t i = 0; i < STEPS; i++) {
        const double u = -6 + 6 * (double)i / (STEPS - 1);
        rates[i] = pow(10, u);
        losses[i] = 2.3 - tanh(3 * (u - fall)) + 3 * (1 + tanh(3 * (u - rise)));
    }
}

Test(rate_test, steepest_fall_and_least_loss_are_found)
{
    cvy_rate_run run;

    plant(-3.5, -1, &run);
    cr_assert_eq(cvy_rate_run_read(rates, STEPS, &run), CVY_OK);
    cr_expect_float_eq(log10(run.steepest), -3.5, 0.03);
    /* where 1 / cosh^2 of the two steps are equal: cosh(3 (u - rise)) = sqrt(3) cosh(3 (u - fall)) */
    const double u = log10(run.least);
    cr_expect_float_eq(cosh(3 * (u + 1)) / cosh(3 * (u + 3.5)), sqrt(3), 0.6, "least at 10^%g", u);
    cr_expect_float_eq(log10(run.suggested), (log10(run.steepest) + u) / 2, 1e-9);
    cr_expect(isnan(run.diverged_at));
}

Test(rate_test, without_memory_the_least_loss_is_suggested)
{
    cvy_rate_run run;

    plant(-3.5, -1, &run);
    run.has_memory = false;
    cr_assert_eq(cvy_rate_run_read(rates, STEPS, &run), CVY_OK);
    cr_expect_eq(run.suggested, run.least);
}

/* Momentum and moving averages are memory; Adagrad's sum is none. */
Test(rate_test, memory_is_known_from_the_optimizer)
{
    static const struct {
        const char *optimizer;
        bool has_memory;
    } cases[] = { { "sgd", false },
                  { "sgd:momentum=0.9", true },
                  { "adagrad", false },
                  { "rmsprop", true },
                  { "plain=sgd:momentum=0", false },
                  { "adam", true },
                  { "adadelta", true },
                  { "sgd:momentum=0.9,nesterov=true", true } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cvy_rate_request request = { .optimizers = { 1, { cases[i].optimizer } },
                                           .low = 1e-5,
                                           .high = 1,
                                           .steps = 40,
                                           .seed_count = 1 };
        cvy_rate_test test;
        cr_assert_eq(cvy_rate_test_plan(&request, &test), CVY_OK, "%s", cvy_error_message());
        cr_expect_eq(test.sweeps[0].runs[0].has_memory, cases[i].has_memory, "%s",
                     cases[i].optimizer);
        cvy_rate_test_release(&test);
    }
}

Test(rate_test, noise_moves_the_suggestion_little)
{
    cvy_rate_run run;
    unsigned state = 1;

    plant(-3.5, -1, &run);
    for (size_t i = 0; i < STEPS; i++) {
        state = state * 1664525u + 1013904223u;
        losses[i] += 0.2 * ((double)state / 4294967296.0 - 0.5);
    }
    cr_assert_eq(cvy_rate_run_read(rates, STEPS, &run), CVY_OK);
    cr_expect_float_eq(log10(run.steepest), -3.5, 0.3);
    cr_expect_float_eq(log10(run.suggested), -2.85, 0.5);
}

Test(rate_test, a_run_that_diverged_ends_there)
{
    cvy_rate_run run;

    plant(-4, 1, &run);
    run.has_diverged = true;
    run.count = 200;
    for (size_t i = run.count; i < STEPS; i++)
        losses[i] = NAN;
    cr_assert_eq(cvy_rate_run_read(rates, STEPS, &run), CVY_OK);
    cr_expect_eq(run.diverged_at, rates[199]);
    cr_expect_float_eq(log10(run.steepest), -4, 0.03);
    cr_expect(isnan(smoothed[200]));
}

Test(rate_test, a_loss_that_only_rises_gives_no_suggestion)
{
    cvy_rate_run run;

    plant(-3, -1, &run);
    for (size_t i = 0; i < STEPS; i++)
        losses[i] = 1 + (double)i;
    cr_assert_eq(cvy_rate_run_read(rates, STEPS, &run), CVY_OK);
    cr_expect(isnan(run.suggested));
    cr_expect(isnan(run.steepest));
}

/* The same losses for any number of threads, and as many as were asked for. */
Test(rate_test, runs_do_not_depend_on_threads)
{
    cvy_dataset *data;
    double first[2][40];
    cvy_rate_request request = { .model = "mlp",
                                 .loss = "sparse_categorical_crossentropy",
                                 .normalize = "standard",
                                 .optimizers = { 1, { "mine=adam" } },
                                 .low = 1e-5,
                                 .high = 1e-2,
                                 .steps = 40,
                                 .batch_size = 16,
                                 .seed_count = 2,
                                 .seed = 7 };

    cr_assert_eq(cvy_dataset_open("digits:train=100,test=1", 1, &data), CVY_OK);
    for (size_t i = 0; i < 2; i++) {
        cvy_rate_test test;
        request.threads = i + 1;
        cr_assert_eq(cvy_rate_test_plan(&request, &test), CVY_OK);
        cr_assert_eq(cvy_rate_test_run(&test, data, NULL, NULL), CVY_OK, "%s", cvy_error_message());
        cr_expect_str_eq(test.sweeps[0].label, "mine");
        cr_expect_eq(test.sweeps[0].runs[1].seed, 8);
        cr_assert_eq(test.sweeps[0].runs[0].count, 40);
        cr_expect_float_eq(test.rates[0], 1e-5, 1e-12);
        cr_expect_float_eq(test.rates[39], 1e-2, 1e-9);
        memcpy(first[i], test.sweeps[0].runs[0].losses, sizeof first[i]);
        cvy_rate_test_release(&test);
    }
    cr_expect_arr_eq(first[0], first[1], sizeof first[0]);
    cr_expect_float_eq(first[0][0], log(10), 1.5);
    cvy_dataset_close(data);
}

/* Stop as soon as the runs before have done so many updates. */
static bool go_on_before(void *context, const cvy_rate_sweep *sweep, size_t done, size_t total)
{
    (void)sweep;
    (void)total;
    return done < *(const size_t *)context;
}

Test(rate_test, a_stopped_test_keeps_its_whole_runs)
{
    cvy_dataset *data;
    cvy_rate_test test;
    static const size_t kept[][3] = { { 0, 0, 0 }, { 1, 1, 0 }, { 1, 2, 0 }, { 2, 2, 1 } };
    const cvy_rate_request request = { .model = "mlp",
                                       .loss = "sparse_categorical_crossentropy",
                                       .normalize = "standard",
                                       .optimizers = { 2, { "adam", "sgd" } },
                                       .low = 1e-5,
                                       .high = 1e-2,
                                       .steps = 20,
                                       .batch_size = 16,
                                       .seed_count = 2,
                                       .threads = 1 };

    cr_assert_eq(cvy_dataset_open("digits:train=100,test=1", 1, &data), CVY_OK);
    for (size_t runs = 0; runs < 4; runs++) {
        size_t limit = runs * request.steps;
        cr_assert_eq(cvy_rate_test_plan(&request, &test), CVY_OK);
        cr_expect_eq(cvy_rate_test_run(&test, data, go_on_before, &limit), CVY_ERR_STOPPED);
        cr_expect_eq(test.runs_done, runs);
        cr_expect_eq(test.runs_wanted, 4);
        cr_assert_eq(test.sweep_count, kept[runs][0]);
        for (size_t i = 0; i < test.sweep_count; i++)
            cr_expect_eq(test.sweeps[i].run_count, kept[runs][1 + i]);
        cvy_rate_test_release(&test);
    }
    cvy_dataset_close(data);
}

Test(rate_test, what_cannot_be_is_refused)
{
    cvy_rate_test test;
    cvy_rate_request request = {
        .optimizers = { 1, { "adam" } }, .low = 1, .high = 1, .steps = 50
    };

    expect_refusal("range", cvy_rate_test_plan(&request, &test), CVY_ERR_SETTING, "--rates|1..1");
    cvy_rate_test_release(&test);
    request.high = 2;
    request.steps = 3;
    expect_refusal("steps", cvy_rate_test_plan(&request, &test), CVY_ERR_SETTING, "--steps|3");
    cvy_rate_test_release(&test);
    request.steps = 50;
    request.optimizers.texts[0] = "adma";
    expect_refusal("name", cvy_rate_test_plan(&request, &test), CVY_ERR_SETTING, "adam");
    cvy_rate_test_release(&test);
}
