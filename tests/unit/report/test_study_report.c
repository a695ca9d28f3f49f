/* The report of a made-up study: good, its twin under another name, slow, and one that diverges. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "study/findings.h"
#include "report/study_report.h"
#include "report/words.h"

enum { SEEDS = 10, CONFIGURATIONS = 4, EPOCHS = 3 };

static cvy_point points[CONFIGURATIONS * SEEDS][EPOCHS];
static cvy_study_run runs[CONFIGURATIONS * SEEDS];
static uint64_t seeds[SEEDS];
static char model[] = "lenet5", data[] = "digits";
static cvy_target target = { .metric = CVY_METRIC_VAL_ACCURACY, .value = 0.92 };
static cvy_configuration configurations[CONFIGURATIONS] = {
    { .label = "sl_ow & <b>", .optimizer = "sgd:momentum=0", .learning_rate = "0.01" },
    { .label = "good",
      .optimizer = "adam:beta_1=0.9",
      .learning_rate = "0.001",
      .state_floats = 2 },
    { .label = "twin",
      .optimizer = "adam:beta_1=0.9",
      .learning_rate = "0.001",
      .state_floats = 2 },
    { .label = "huge", .optimizer = "sgd:momentum=0", .learning_rate = "1000" },
};

static void fill_run(size_t k, size_t s)
{
    static const double level[CONFIGURATIONS] = { 0.80, 0.92, 0.92, 0 };
    cvy_study_run *run = &runs[k * SEEDS + s];

    *run = (cvy_study_run){ .configuration = k, .seed = s, .state = CVY_RUN_DIVERGED };
    if (k == 3)
        return;
    run->state = CVY_RUN_FINISHED;
    run->points = points[k * SEEDS + s];
    run->point_count = EPOCHS;
    run->steps = EPOCHS * 100;
    run->train_seconds = k == 0 ? 3 : 6;
    for (size_t e = 0; e < EPOCHS; e++) {
        const double accuracy = level[k] + 0.02 * (double)e + 0.001 * (double)(s % 5);
        run->points[e] =
            (cvy_point){ .step = 100 * (e + 1),
                         .epoch = e + 1,
                         .train_seconds = (double)(e + 1),
                         .learning_rate = 0.01,
                         .metric = { 1 - accuracy, 1 - accuracy, accuracy, accuracy } };
    }
}

static cvy_study study_of(void)
{
    for (size_t k = 0; k < CONFIGURATIONS; k++) {
        configurations[k].base = k;
        configurations[k].first_run = k * SEEDS;
        configurations[k].run_count = SEEDS;
        for (size_t s = 0; s < SEEDS; s++)
            fill_run(k, s);
    }
    for (size_t s = 0; s < SEEDS; s++)
        seeds[s] = s;
    return (cvy_study){
        .setup = { .model_name = model,
                   .data_name = data,
                   .train_count = 900,
                   .validation_count = 100,
                   .batch_size = 9,
                   .steps_per_epoch = 100,
                   .evaluate_every = 100,
                   .epochs = EPOCHS,
                   .threads = 1,
                   .jobs = 1 },
        .configuration_count = CONFIGURATIONS,
        .compared_count = CONFIGURATIONS,
        .seed_count = SEEDS,
        .target_count = 1,
        .run_count = CONFIGURATIONS * SEEDS,
        .configurations = configurations,
        .seeds = seeds,
        .targets = &target,
        .runs = runs,
    };
}

Test(study_report, findings_tell_the_planted_truth)
{
    const cvy_study study = study_of();
    cvy_findings f;
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);

    cr_expect_eq(f.metric, CVY_METRIC_VAL_ACCURACY);
    cr_expect(f.order[0] == 1 && f.order[1] == 2 && f.order[2] == 0 && f.order[3] == 3);
    cr_expect_float_eq(f.standings[1].final[f.metric].median, 0.962, 1e-12);
    cr_expect(f.standings[3].diverged == SEEDS && cvy_standing_is_lost(&f.standings[3]));

    /* twins differ by nothing; ten seeds tell the slow one apart: 2 / 1024 for three pairs */
    const cvy_pair *twins = cvy_findings_pair(&f, 1), *slow = cvy_findings_pair(&f, 2);
    cr_expect(f.test == CVY_TEST_WILCOXON && f.tested_count == 3);
    cr_expect(twins->difference == 0 && twins->p == 1 && !twins->is_distinguishable);
    cr_expect(slow->is_distinguishable && fabs(slow->difference - 0.12) < 1e-9);
    cr_expect_float_eq(slow->p_holm, 3 * 2.0 / 1024, 1e-9);
    cr_expect(isnan(cvy_findings_pair(&f, 3)->p_holm));

    cr_expect(f.hits[1].reached == SEEDS && f.hits[1].steps.median == 100);
    cr_expect(f.hits[0].reached == 0 && f.hits[0].steps.median == INFINITY);
    cvy_findings_release(&f);
}

/* Costs as rounds give them: the ratio to plain SGD, with its interval. */
static char *words_with_cost(double ratio, double low, double high, double load)
{
    static cvy_cost costs[CONFIGURATIONS];
    cvy_study study = study_of();
    cvy_findings f;
    char *text;

    for (size_t k = 0; k < CONFIGURATIONS; k++)
        costs[k] = (cvy_cost){ .seconds = { .median = 1e-3, .low = 1e-3, .high = 1e-3 },
                               .ratio = { .median = 1, .low = 0.98, .high = 1.02 } };
    costs[1].ratio = (cvy_repeats){ .median = ratio, .low = low, .high = high };
    study.costs = costs;
    study.cost_repeats = 10;
    study.cost_load = load;
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_assert_eq(cvy_words_make(&f, &text), CVY_OK);
    cvy_findings_release(&f);
    return text;
}

Test(study_report, a_cost_is_said_only_where_its_interval_excludes_that_of_plain_sgd)
{
    char *text = words_with_cost(1.5, 1.4, 1.6, 0.01);
    cr_expect_not_null(strstr(
        text, "Time of an update against plain SGD's: good 1.5 times (95 % interval 1.4 to 1.6)"));
    free(text);
    text = words_with_cost(1.8, 0.9, 2.7, 0.01);
    cr_expect_null(strstr(text, "Time of an update"));
    free(text);
}

Test(study_report, a_busy_machine_says_nothing_of_cost)
{
    char *text = words_with_cost(1.5, 1.4, 1.6, 0.3);
    cr_expect_null(strstr(text, "Time of an update"));
    free(text);
}

/* Six pairs ask for 8 seeds: 6 * 2 / 2^8 = 0.047; 5 are the least that are tested at all. */
Test(study_report, the_test_goes_by_seeds_and_configurations)
{
    static const struct {
        size_t seeds;
        cvy_test test;
    } cases[] = { { 1, CVY_TEST_NONE }, { 4, CVY_TEST_NONE },     { 5, CVY_TEST_T },
                  { 7, CVY_TEST_T },    { 8, CVY_TEST_WILCOXON }, { 10, CVY_TEST_WILCOXON } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_study study = study_of();
        cvy_findings f;
        study.seed_count = cases[i].seeds;
        cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
        cr_expect_eq(f.test, cases[i].test, "%zu seeds", cases[i].seeds);
        const cvy_pair *slow = cvy_findings_pair(&f, 2), *twins = cvy_findings_pair(&f, 1);
        cr_expect_eq(slow->is_distinguishable, cases[i].test != CVY_TEST_NONE);
        cr_expect_not(twins->is_distinguishable);
        cvy_findings_release(&f);
    }
}

/* Words and tables, to be freed. */
static char *print(const cvy_study *study)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    cvy_chapter chapter;

    cr_assert_eq(cvy_chapter_make(study, NULL, &chapter), CVY_OK);
    cvy_chapter_print(&chapter, file);
    cvy_chapter_release(&chapter);
    fclose(file);
    for (char *c = text; *c != '\0'; c++) /* lines are broken for the terminal */
        *c = *c == '\n' ? ' ' : *c;
    return text;
}

/* slow (0) is 12 points below good (1) and its twin (2), which differ by nothing; huge (3) diverged. */
Test(study_report, a_baseline_is_tested_against_each_and_nothing_else_is)
{
    cvy_study study = study_of();
    cvy_findings f;

    study.hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_BASELINE, .first = 0 };
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect_eq(f.tested_count, 2);
    cr_expect_str_eq(cvy_findings_verdict(&f, 0), "baseline");
    cr_expect_str_eq(cvy_findings_verdict(&f, 1), "better");
    cr_expect_str_eq(cvy_findings_verdict(&f, 2), "better");
    cr_expect_str_eq(cvy_findings_verdict(&f, 3), "diverged");
    cr_expect_float_eq(cvy_findings_pair_of(&f, 0, 1)->p_holm, 2 * 2.0 / 1024, 1e-9);
    cr_expect(isnan(cvy_findings_pair_of(&f, 1, 2)->p_holm));
    cvy_findings_release(&f);

    char *text = print(&study);
    cr_expect_not_null(
        strstr(text, "Compared with the baseline (sl_ow & <b>), significantly better: good and "
                     "twin."));
    free(text);
}

Test(study_report, nothing_is_tested_against_a_baseline_that_diverged)
{
    cvy_study study = study_of();
    cvy_findings f;

    study.hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_BASELINE, .first = 3 };
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect_str_eq(cvy_findings_verdict(&f, 1), "not tested");
    cr_expect_str_eq(cvy_findings_verdict(&f, 3), "diverged");
    cvy_findings_release(&f);

    char *text = print(&study);
    cr_expect_not_null(strstr(text, "diverged, so nothing is tested."));
    cr_expect_null(strstr(text, "not significantly different"));
    free(text);
}

/* Nine runs of ten would be enough for a rank test, four of five are not. */
Test(study_report, with_few_seeds_most_runs_diverging_is_a_difference)
{
    cvy_study study = study_of();
    cvy_findings f;

    study.seed_count = 5;
    for (size_t k = 0; k < CONFIGURATIONS; k++)
        configurations[k].run_count = 5;
    runs[3 * SEEDS] = runs[0];
    runs[3 * SEEDS].configuration = 3;
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect_eq(f.test, CVY_TEST_T);
    cr_expect(cvy_findings_pair_of(&f, 1, 3)->is_distinguishable);
    cr_expect_str_eq(cvy_findings_verdict(&f, 3), "worse");
    cvy_findings_release(&f);

    char *text = print(&study);
    cr_expect_not_null(strstr(text, "huge diverged in 4 of 5 runs; a lower learning rate"));
    free(text);

    study.seed_count = 1; /* one point has no interval */
    for (size_t k = 0; k < CONFIGURATIONS; k++)
        configurations[k].run_count = 1;
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect(isnan(f.pairs[0].interval.low) && isfinite(f.pairs[0].difference));
    cvy_findings_release(&f);
}

Test(study_report, one_planned_pair_needs_no_correction)
{
    cvy_study study = study_of();
    cvy_findings f;

    study.hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_PAIR, .first = 0, .second = 1 };
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect_eq(f.tested_count, 1);
    cr_expect_float_eq(cvy_findings_pair_of(&f, 1, 0)->p_holm, 2.0 / 1024, 1e-9);
    cr_expect_str_eq(cvy_findings_verdict(&f, 2), "not tested");
    cvy_findings_release(&f);

    char *text = print(&study);
    cr_expect_not_null(strstr(text, "good is significantly better than sl_ow & <b> (p = 0.002)."));
    free(text);
}

Test(study_report, twins_are_equivalent_within_a_margin_and_others_are_not)
{
    cvy_study study = study_of();
    cvy_findings f;

    study.hypotheses.margin = 0.1; /* points */
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect(cvy_findings_pair_of(&f, 1, 2)->is_equivalent);
    cr_expect(!cvy_findings_pair_of(&f, 0, 1)->is_equivalent);
    cr_expect(isnan(cvy_findings_pair_of(&f, 1, 3)->p_equivalent));
    cr_expect_str_eq(cvy_findings_verdict(&f, 2), "equivalent");
    cvy_findings_release(&f);

    char *text = print(&study);
    cr_expect_not_null(strstr(text, "The same within 0.1 points: good and twin."), "%s", text);
    free(text);
    study.hypotheses.tests = CVY_TESTS_PAIR;
    study.hypotheses.first = 0;
    study.hypotheses.second = 1;
    text = print(&study);
    cr_expect_not_null(strstr(text, "No two are shown to be the same within 0.1 points."), "%s",
                       text);
    free(text);
}

/* Normal differences of a known deviation: the difference that is called detectable is found in about 80 % of
 * the studies, and one that is not there in at most 5 %. */
Test(study_report, a_difference_of_the_stated_size_is_found_with_the_stated_power)
{
    enum { STUDIES = 2000, N = 10 };
    const double detectable = cvy_detectable(1, N, cvy_significance, 0.8);
    const cvy_random_stream stream = { 7, CVY_RANDOM_WEIGHTS, 0 };
    size_t found = 0, wrong = 0;

    for (size_t i = 0; i < STUDIES; i++) {
        double null[N], shifted[N];
        for (size_t s = 0; s < N; s++) {
            uint32_t words[4];
            float x, y;
            cvy_random_words(&stream, i * N + s, words);
            cvy_random_normal(words[0], words[1], &x, &y);
            null[s] = x;
            shifted[s] = null[s] + detectable;
        }
        found += cvy_paired_t(shifted, N) < cvy_significance;
        wrong += cvy_paired_t(null, N) < cvy_significance;
    }
    cr_expect_float_eq((double)found / STUDIES, 0.8, 0.03);
    cr_expect((double)wrong / STUDIES < 0.065);
}

/* Two names of one configuration never differ, which says nothing about what would have been found. */
Test(study_report, without_deviations_no_difference_is_called_detectable)
{
    cvy_study study = study_of();
    cvy_findings f;

    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect_gt(cvy_findings_detectable(&f), 0);
    cvy_findings_release(&f);
    memcpy(points[0], points[SEEDS], sizeof points / CONFIGURATIONS);
    study.compared_count = 2;
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cr_expect(isnan(cvy_findings_detectable(&f)));
    cvy_findings_release(&f);
}

Test(study_report, words_and_tables_say_it)
{
    const cvy_study study = study_of();
    char *text = print(&study);

    cr_expect_not_null(strstr(text, "good"));
    cr_expect_not_null(strstr(text, "no significant difference"));
    cr_expect_not_null(strstr(text, "good and twin share the best median"));
    cr_expect_not_null(strstr(text, "Compared with good, not significantly different: twin"));
    cr_expect_not_null(strstr(text, "huge diverged in"));
    cr_expect_not_null(strstr(text, "10 of 10"));
    cr_expect_not_null(
        strstr(text, "Fastest to 92.00 % validation accuracy: good and twin, in a median of "
                     "100 steps."));
    free(text);
}

Test(study_report, no_more_is_said_than_is_known)
{
    const cvy_study study = study_of();

    memcpy(points[0], points[SEEDS], sizeof points / CONFIGURATIONS); /* slow is like good */
    runs[SEEDS].points[0].metric[CVY_METRIC_VAL_ACCURACY] = 0.5;
    for (size_t s = 0; s < SEEDS / 2; s++) /* and the seconds of its runs are all over the place */
        runs[s].train_seconds = 9;
    char *text = print(&study);
    cr_expect_not_null(strstr(text, "No two of the 3 configurations that did not diverge differ "
                                    "significantly."));
    cr_expect_null(strstr(text, "Compared with it"));
    cr_expect_null(strstr(text, "Time of an update"));
    free(text);
}

/* What is tuned is good; what it was before is slow, and another never gets anywhere. */
Test(study_report, untuned_ones_stand_beside_the_tuned)
{
    cvy_study study = study_of();
    configurations[2].role = configurations[3].role = CVY_ROLE_UNTUNED;
    configurations[2].base = 0;
    configurations[3].base = 1;
    configurations[3].label = "good untuned";
    memcpy(&runs[3 * SEEDS], &runs[0], SEEDS * sizeof *runs);
    study.compared_count = 2;

    char *text = print(&study);
    cr_expect_not_null(strstr(text,
                              "tuning improved most good (untuned 84.20 %, tuned 96.20 %), but "
                              "not sl_ow & <b> (untuned 96.20 %, tuned 84.20 %)."));
    cr_expect_not_null(strstr(text,
                              "Without tuning, median steps to 92.00 % validation accuracy: twin "
                              "100; 1 of 2 reached it in at most half of its runs."));
    cr_expect_not_null(strstr(text, "good untuned    0 of 10"));
    free(text);
}

Test(study_report, summary_has_what_the_command_promises)
{
    const cvy_study study = study_of();
    cvy_findings f;

    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    json_t *summary = cvy_findings_json(&f);
    cvy_findings_release(&f);
    cr_assert_not_null(summary);
    const json_t *run = json_array_get(json_object_get(summary, "runs"), 1);
    const json_t *final = json_object_get(json_object_get(run, "final"), "val_accuracy");
    const json_t *hits = json_object_get(run, "target");
    cr_expect_float_eq(json_real_value(json_object_get(final, "median")), 0.962, 1e-9);
    cr_expect_eq(json_integer_value(json_object_get(hits, "reached")), SEEDS);
    cr_expect_str_eq(json_string_value(json_array_get(json_object_get(summary, "ranking"), 0)),
                     "good");
    const json_t *lost = json_array_get(json_object_get(summary, "runs"), 3);
    cr_expect_eq(json_integer_value(json_object_get(lost, "diverged")), SEEDS);
    json_decref(summary);
}

static cvy_status write_report(const cvy_study *study, const char *folder)
{
    cvy_chapter chapter;
    cvy_status status = cvy_chapter_make(study, folder, &chapter);

    if (status == CVY_OK)
        status = cvy_chapter_write(&chapter, folder);
    cvy_chapter_release(&chapter);
    return status;
}

static void expect_in_file(const char *folder, const char *name, const char *text, bool is_there)
{
    char path[256];
    unsigned char *bytes;
    size_t size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq(cvy_file_read(path, 1 << 24, &bytes, &size), CVY_OK, "%s", path);
    cr_expect_eq(strstr((const char *)bytes, text) != NULL, is_there, "%s: %s", name, text);
    cvy_memory_free(bytes);
}

Test(study_report, without_gnuplot_all_but_the_pictures)
{
    const cvy_study study = study_of();
    char folder[] = "/tmp/convoy-report-XXXXXX", command[64];
    cr_assert_not_null(mkdtemp(folder));

    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    cr_expect_eq(write_report(&study, folder), CVY_OK);
    setenv("PATH", path, 1);
    expect_in_file(folder, "report.html", "gnuplot is not installed here", true);
    expect_in_file(folder, "report.html", "sl_ow &amp; &lt;b&gt;", true);
    expect_in_file(folder, "report.html", "<b>", false);
    expect_in_file(folder, "report.html", "src=", false);
    expect_in_file(folder, "report.html", "://", false);
    expect_in_file(folder, "tables.tex", "sl\\_ow \\&", true);
    expect_in_file(folder, "bands.csv", "val_accuracy_median", true);
    expect_in_file(folder, "finals.gp", "n = 10 seeds", true);

    if (system("gnuplot --version >/dev/null 2>&1") == 0) {
        cr_expect_eq(write_report(&study, folder), CVY_OK);
        expect_in_file(folder, "report.html", "gnuplot is not installed here", false);
        expect_in_file(folder, "report.html", "<svg", true);
        expect_in_file(folder, "report.html", "://", false);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
    free(path);
}

/* Seconds of a busy machine are left out of tables, and marked in figures. */
Test(study_report, figures_over_seconds_say_that_the_machine_was_busy)
{
    const cvy_study study = study_of();
    char folder[] = "/tmp/convoy-report-XXXXXX", command[64];
    static const char words[] = "busy machine, seconds not comparable";
    cr_assert_not_null(mkdtemp(folder));

    cr_expect_eq(write_report(&study, folder), CVY_OK);
    expect_in_file(folder, "val_accuracy-seconds.gp", words, false);
    for (size_t i = 0; i < study.run_count; i++)
        study.runs[i].load = 0.5;
    cr_expect_eq(write_report(&study, folder), CVY_OK);
    expect_in_file(folder, "val_accuracy-seconds.gp", words, true);
    expect_in_file(folder, "val_accuracy-steps.gp", words, false);
    for (size_t i = 0; i < study.run_count; i++) /* runs of milliseconds */
        study.runs[i].load = NAN;
    cr_expect_eq(write_report(&study, folder), CVY_OK);
    expect_in_file(folder, "val_accuracy-seconds.gp", words, false);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

Test(study_report, a_folder_that_is_not_there_is_an_error)
{
    const cvy_study study = study_of();
    cr_expect_eq(write_report(&study, "/nonexistent/folder"), CVY_ERR_OPEN);
}
