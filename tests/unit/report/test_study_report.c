/* The report of a made-up study: good, its twin under another name, slow, and one that diverges. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "study/findings.h"
#include "report/study_report.h"

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
    cr_expect_float_eq(f.standings[1].cost, 2, 1e-12);

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

Test(study_report, words_and_tables_say_it)
{
    const cvy_study study = study_of();
    char *text = print(&study);

    cr_expect_not_null(strstr(text, "good"));
    cr_expect_not_null(strstr(text, "not distinguishable"));
    cr_expect_not_null(strstr(text, "Not distinguishable from it: twin."));
    cr_expect_not_null(strstr(text, "huge diverged in"));
    cr_expect_not_null(strstr(text, "10 of 10"));
    cr_expect_not_null(
        strstr(text, "Fastest to 92.00 % of validation accuracy: good and twin, in 100 steps "
                     "(median)."));
    cr_expect_not_null(strstr(text, "The dearest step is that of good: 2.00 times plain SGD's."));
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
    cr_expect_not_null(strstr(text, "No two of the 3 that did not diverge can be told apart."));
    cr_expect_null(strstr(text, "Not distinguishable from it"));
    cr_expect_null(strstr(text, "The dearest step"));
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
    cr_expect_not_null(strstr(text, "Tuning brought most to good (84.20 % as it comes, 96.20 % "
                                    "tuned), least to sl_ow & <b> (96.20 % as it comes, 84.20 % "
                                    "tuned)."));
    cr_expect_not_null(strstr(text, "As they come, to 92.00 % of validation accuracy: sl_ow & <b> "
                                    "in 100 steps, good never."));
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

Test(study_report, a_folder_that_is_not_there_is_an_error)
{
    const cvy_study study = study_of();
    cr_expect_eq(write_report(&study, "/nonexistent/folder"), CVY_ERR_OPEN);
}
