/* Several workloads together: a profile that was worked out by hand. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/joint.h"

enum { SOLVERS = 3, WORKLOADS = 2 };

static char labels[SOLVERS][8] = { "slow", "quick", "never" };
static cvy_configuration configurations[SOLVERS];
static cvy_target target = { .metric = CVY_METRIC_VAL_ACCURACY, .value = 0.9 };
static cvy_study study;
static cvy_standing standings[WORKLOADS][SOLVERS];
static cvy_hits hits[WORKLOADS][SOLVERS];
static cvy_pair pairs[WORKLOADS][SOLVERS];
static size_t orders[WORKLOADS][SOLVERS] = { { 0, 1, 2 }, { 1, 2, 0 } };
static cvy_findings findings[WORKLOADS];
static cvy_joint joint;

static void begin(void)
{
    static const double steps[WORKLOADS][SOLVERS] = { { 100, 200, INFINITY }, { 300, 100, 400 } };
    static const double accuracies[WORKLOADS][SOLVERS] = { { 0.5, 0.4, 0.3 }, { 0.3, 0.5, 0.4 } };

    for (size_t k = 0; k < SOLVERS; k++)
        configurations[k] = (cvy_configuration){ .label = labels[k] };
    study = (cvy_study){ .configurations = configurations,
                         .configuration_count = SOLVERS,
                         .compared_count = SOLVERS,
                         .seed_count = 5,
                         .target_count = 1,
                         .targets = &target };
    cvy_joint_part parts[WORKLOADS];
    for (size_t w = 0; w < WORKLOADS; w++) {
        for (size_t k = 0; k < SOLVERS; k++) {
            hits[w][k].steps.median = steps[w][k];
            standings[w][k].final[CVY_METRIC_VAL_ACCURACY].median = accuracies[w][k];
            standings[w][k].runs = 5;
        }
        findings[w] = (cvy_findings){ .study = &study,
                                      .metric = CVY_METRIC_VAL_ACCURACY,
                                      .standing_count = SOLVERS,
                                      .standings = standings[w],
                                      .hits = hits[w],
                                      .order = orders[w],
                                      .pair_count = SOLVERS,
                                      .pairs = pairs[w] };
        memset(pairs[w], 0, sizeof pairs[w]);
        parts[w] = (cvy_joint_part){ w == 0 ? "a on x" : "b on x", &findings[w] };
    }
    cr_assert(eq(int, cvy_joint_make(parts, WORKLOADS, &joint), CVY_OK));
}

static void end(void)
{
    cvy_joint_release(&joint);
}

TestSuite(joint, .init = begin, .fini = end);

Test(joint, a_problem_is_a_target_on_a_workload)
{
    static const double ratios[] = { 1, 2, INFINITY, 3, 1, 4 }, ranks[] = { 2, 1.5, 2.5 };

    cr_assert(eq(sz, joint.profile.problem_count, 2));
    for (size_t i = 0; i < 6; i++)
        cr_expect(eq(dbl, joint.profile.ratios[i], ratios[i]));
    for (size_t k = 0; k < SOLVERS; k++)
        cr_expect(eq(dbl, joint.mean_ranks[k], ranks[k]));
}

/* Integrals from 1 to 4 by 3: (3 + 1) / 6, (2 + 3) / 6 and 0. */
Test(joint, the_best_profile_comes_first)
{
    static const char *const expected[] = { "quick", "slow", "never" };
    static const double scores[] = { 5.0 / 6, 4.0 / 6, 0 };
    json_t *summary = cvy_joint_json(&joint);
    const json_t *list = json_object_get(summary, "configurations");

    cr_expect(eq(int, (int)json_integer_value(json_object_get(summary, "problems")), 2));
    cr_assert(eq(sz, json_array_size(list), SOLVERS));
    for (size_t r = 0; r < SOLVERS; r++) {
        const json_t *own = json_array_get(list, r);
        const double score = json_real_value(json_object_get(own, "score"));
        cr_expect_str_eq(json_string_value(json_object_get(own, "label")), expected[r]);
        cr_expect_float_eq(score, scores[r], 1e-12);
    }
    cr_expect_float_eq(json_real_value(json_object_get(json_array_get(list, 0), "fastest")), 0.5,
                       1e-12);
    json_decref(summary);
}

Test(joint, tables_and_words_say_it)
{
    cvy_tables tables;
    char *words, *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    cr_assert(eq(int, cvy_joint_tables(&joint, &tables), CVY_OK));
    cr_assert(eq(int, cvy_joint_words(&joint, &words), CVY_OK));
    for (size_t i = 0; i < tables.count; i++)
        cvy_table_as_text(&tables.tables[i], file);
    fclose(file);
    cr_expect_not_null(strstr(text, "a target on a workload"));
    cr_expect_not_null(strstr(text, "50.00 % (1)"));
    cr_expect_not_null(strstr(words, "Over 2 workloads, quick has the highest score of the "
                                     "performance profile, 0.833 of 1: its median steps are the "
                                     "fewest for 50 % of the 2 targets"));
    cr_expect_not_null(strstr(words,
                              "Best median at the last evaluation: quick on 1 of 2, slow on 1 "
                              "of 2; on none of them is the first significantly better"));
    cvy_tables_release(&tables);
    free(words);
    free(text);
}

Test(joint, equal_medians_share_a_place)
{
    char *words;

    for (size_t w = 0; w < WORKLOADS; w++)
        for (size_t k = 0; k < SOLVERS; k++)
            standings[w][k].final[CVY_METRIC_VAL_ACCURACY].median = 0.5;
    cr_assert(eq(int, cvy_joint_words(&joint, &words), CVY_OK));
    cr_expect_not_null(strstr(words, "quick on 2 of 2, slow on 2 of 2, never on 2 of 2; on none"));
    for (size_t k = 0; k < SOLVERS; k++)
        cr_expect(eq(sz, cvy_findings_rank(&findings[0], k), 0));
    free(words);
}

/* The first of a workload may only be called better where the tests say so. */
Test(joint, first_places_are_claims_only_where_they_are_significant)
{
    char *words;

    for (size_t r = 0; r + 1 < SOLVERS; r++)
        pairs[0][r].is_distinguishable = true;
    pairs[1][0].is_distinguishable = true; /* but not from the third */
    cr_assert(eq(int, cvy_joint_words(&joint, &words), CVY_OK));
    cr_expect_not_null(strstr(words, "; significantly better than all others on 1 of 2."));
    free(words);
}

static void expect_words(const char *words)
{
    char *text;

    cr_assert(eq(int, cvy_joint_words(&joint, &text), CVY_OK));
    cr_expect_not_null(strstr(text, words), "\"%s\" in:\n%s", words, text);
    free(text);
}

/* Nothing is said about differences that were not tested. */
Test(joint, a_baseline_a_pair_and_few_seeds)
{
    const cvy_hypotheses against_slow = { .tests = CVY_TESTS_BASELINE, .first = 0 };

    study.hypotheses = joint.study->hypotheses = against_slow;
    for (size_t w = 0; w < WORKLOADS; w++)
        for (size_t r = 0; r < 2; r++)
            pairs[w][r] = (cvy_pair){ .first = w == 0 ? 0 : r + 1,
                                      .second = w == 0 ? r + 1 : 0,
                                      .is_planned = true };
    expect_words("; none is significantly better than the baseline (slow) on any of them.");
    pairs[0][0].is_distinguishable = true; /* slow is better than quick */
    pairs[1][0].is_distinguishable = true; /* quick is better than slow */
    expect_words("; significantly better than the baseline (slow): quick on 1 of 2.");
    joint.study->hypotheses.tests = CVY_TESTS_PAIR;
    expect_words("slow on 1 of 2. Only the planned pair is tested, on each workload by itself.");
    findings[0].test = findings[1].test = CVY_TEST_NONE;
    expect_words("slow on 1 of 2. With fewer than 5 seeds no difference is tested.");
}

/* The same configuration may have been tuned to another value on each workload. */
Test(joint, tuned_values_that_differ_are_no_name)
{
    static char values[WORKLOADS][16] = { "quick 0.1", "quick 0.2" }, plain[] = "quick";
    cvy_configuration own[WORKLOADS][SOLVERS];
    cvy_study studies[WORKLOADS];
    cvy_joint_part parts[WORKLOADS];

    for (size_t w = 0; w < WORKLOADS; w++) {
        memcpy(own[w], configurations, sizeof own[w]);
        own[w][1].label = values[w];
        own[w][1].untuned_label = plain;
        studies[w] = study;
        studies[w].configurations = own[w];
        findings[w].study = &studies[w];
        parts[w] = (cvy_joint_part){ "a on x", &findings[w] };
    }
    cvy_joint_release(&joint);
    cr_assert(eq(int, cvy_joint_make(parts, WORKLOADS, &joint), CVY_OK));
    expect_words("Over 2 workloads, quick has the highest score");
    strcpy(values[1], values[0]);
    cvy_joint_release(&joint);
    cr_assert(eq(int, cvy_joint_make(parts, WORKLOADS, &joint), CVY_OK));
    expect_words("Over 2 workloads, quick 0.1 has the highest score");
}
