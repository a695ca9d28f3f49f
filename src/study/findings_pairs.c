/* The tests of differences between pairs of configurations, and what they say. */
#include "study/findings_pairs.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

enum { RESAMPLES = 10000, DEVIATIONS_MAX = 1024 };

bool cvy_pair_is_lost(const cvy_findings *f, const cvy_pair *pair)
{
    return cvy_standing_is_lost(&f->standings[pair->first]) ||
           cvy_standing_is_lost(&f->standings[pair->second]);
}

/* Accuracies are fractions, but their margin is in percentage points. */
static double margin_of(const cvy_findings *f)
{
    return f->study->hypotheses.margin / (cvy_metric_rises(f->metric) ? 100 : 1);
}

static bool is_planned(const cvy_study *c, size_t a, size_t b)
{
    const cvy_hypotheses *h = &c->hypotheses;

    if (h->tests == CVY_TESTS_BASELINE)
        return a == h->first || b == h->first;
    return h->tests == CVY_TESTS_ALL || (a == h->first && b == h->second) ||
           (a == h->second && b == h->first);
}

/* The t-test needs finite numbers, and the least that an accuracy can be is 0. */
static double value_for_t(const cvy_findings *f, size_t configuration, size_t seed)
{
    const double value =
        cvy_final_value(cvy_study_run_at(f->study, configuration, seed), f->metric);
    return isinf(value) && cvy_metric_rises(f->metric) ? 0 : value;
}

static bool fill_for_t(const cvy_findings *f, const cvy_pair *pair, double *differences)
{
    bool is_finite = true;

    for (size_t s = 0; s < f->study->seed_count; s++) {
        differences[s] = value_for_t(f, pair->first, s) - value_for_t(f, pair->second, s);
        is_finite = is_finite && isfinite(differences[s]);
    }
    return is_finite;
}

/* Too few seeds have an interval that is no interval, for one seed a single point. */
static cvy_status find_interval(const cvy_findings *f, const double *differences, cvy_pair *pair)
{
    const size_t seeds = f->study->seed_count;

    pair->interval = (cvy_interval){ NAN, NAN };
    return seeds >= CVY_TESTED_SEEDS && !cvy_pair_is_lost(f, pair)
               ? cvy_bootstrap_median(differences, seeds, RESAMPLES, 0.95, 0, &pair->interval)
               : CVY_OK;
}

static cvy_status test_pair(const cvy_findings *f, cvy_pair *pair, double *differences,
                            double *sorted)
{
    const cvy_study *c = f->study;
    const size_t seeds = c->seed_count;
    bool is_finite = true;

    for (size_t s = 0; s < seeds; s++) {
        const double a = cvy_final_value(cvy_study_run_at(c, pair->first, s), f->metric);
        const double b = cvy_final_value(cvy_study_run_at(c, pair->second, s), f->metric);
        differences[s] = a == b ? 0 : a - b;
        sorted[s] = differences[s];
        is_finite = is_finite && isfinite(differences[s]);
    }
    pair->difference = cvy_pair_is_lost(f, pair) ? NAN : cvy_quartiles_take(sorted, seeds).median;
    pair->deviation = is_finite ? cvy_deviation(differences, seeds) : NAN;
    pair->p_equivalent = f->test != CVY_TEST_NONE && is_finite && margin_of(f) > 0
                             ? cvy_equivalence(differences, seeds, margin_of(f))
                             : NAN;
    cvy_status status = find_interval(f, differences, pair);
    if (f->test == CVY_TEST_NONE || !pair->is_planned)
        pair->p = NAN;
    else if (status == CVY_OK && f->test == CVY_TEST_T && fill_for_t(f, pair, sorted))
        pair->p = cvy_paired_t(sorted, seeds);
    else if (status == CVY_OK)
        status = cvy_wilcoxon(differences, seeds, &pair->p);
    return status;
}

/* Demsar (Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7, 2006) prefers
 * Wilcoxon's test, which does not assume a normal distribution. But its smallest p is 2 / 2^n, so
 * five seeds can find no difference. For such samples de Winter (Using the Student's t-test with
 * extremely small sample sizes, Practical Assessment, Research and Evaluation 18, 2013) finds that
 * the paired t-test keeps its level, which Wilcoxon's test keeps only by finding nothing. */
static cvy_test choose_test(size_t seeds, size_t planned)
{
    const double pairs = (double)planned;

    if (seeds < CVY_TESTED_SEEDS)
        return CVY_TEST_NONE;
    return cvy_wilcoxon_smallest(seeds) * pairs > cvy_significance ? CVY_TEST_T : CVY_TEST_WILCOXON;
}

/* A pair of which one diverged in all runs needs no test and is not counted as tested. */
static bool is_tested(const cvy_findings *f, const cvy_pair *pair)
{
    return pair->is_planned && !cvy_pair_is_lost(f, pair);
}

static void list_pairs(cvy_findings *f)
{
    const size_t k = f->study->compared_count;
    size_t next = 0, planned = 0;

    for (size_t a = 0; a < k; a++)
        f->alive_count += !cvy_standing_is_lost(&f->standings[a]);
    for (size_t a = 0; a < k; a++)
        for (size_t b = a + 1; b < k; b++) {
            cvy_pair *pair = &f->pairs[next++];
            *pair = (cvy_pair){ .first = f->order[a], .second = f->order[b] };
            pair->is_planned = is_planned(f->study, pair->first, pair->second);
            planned += pair->is_planned;
            f->tested_count += is_tested(f, pair);
        }
    f->test = choose_test(f->study->seed_count, planned);
}

/* Correct the tested pairs' p values at `offset` together. p: scratch, [pair_count] */
static cvy_status correct(cvy_findings *f, size_t offset, double *p)
{
    size_t count = 0;

    for (size_t i = 0; i < f->pair_count; i++) {
        const double own = *(const double *)((const char *)&f->pairs[i] + offset);
        if (is_tested(f, &f->pairs[i]) && !isnan(own))
            p[count++] = own;
    }
    cvy_status status = cvy_holm(p, count);
    count = 0;
    for (size_t i = 0; status == CVY_OK && i < f->pair_count; i++) {
        double *own = (double *)((char *)&f->pairs[i] + offset);
        *own = is_tested(f, &f->pairs[i]) && !isnan(*own) ? p[count++] : NAN;
    }
    return status;
}

cvy_status cvy_findings_test_pairs(cvy_findings *f, double *values)
{
    double *p;
    cvy_status status = cvy_memory_create(f->pair_count, sizeof *p, &p);

    if (status == CVY_OK)
        list_pairs(f);
    for (size_t i = 0; status == CVY_OK && i < f->pair_count; i++) {
        status = test_pair(f, &f->pairs[i], values, values + f->study->seed_count);
        f->pairs[i].p_holm = f->pairs[i].p;
    }
    if (status == CVY_OK)
        status = correct(f, offsetof(cvy_pair, p_holm), p);
    if (status == CVY_OK)
        status = correct(f, offsetof(cvy_pair, p_equivalent), p);
    for (size_t i = 0; status == CVY_OK && i < f->pair_count; i++) {
        f->pairs[i].is_distinguishable = f->pairs[i].p_holm < cvy_significance;
        f->pairs[i].is_equivalent = f->pairs[i].p_equivalent < cvy_significance;
    }
    cvy_memory_free(p);
    return status;
}

const cvy_pair *cvy_findings_pair_of(const cvy_findings *f, size_t one, size_t other)
{
    for (size_t i = 0; i < f->pair_count; i++)
        if ((f->pairs[i].first == one && f->pairs[i].second == other) ||
            (f->pairs[i].first == other && f->pairs[i].second == one))
            return &f->pairs[i];
    return NULL;
}

static int compare_deviations(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

const char *cvy_pair_verdict(const cvy_findings *f, const cvy_pair *pair)
{
    if (cvy_standing_is_lost(&f->standings[pair->second]))
        return "diverged";
    if (!pair->is_planned || f->test == CVY_TEST_NONE)
        return "not tested";
    if (pair->is_distinguishable)
        return "different";
    return pair->is_equivalent ? "equivalent" : "no significant difference";
}

double cvy_findings_detectable(const cvy_findings *f)
{
    double deviations[DEVIATIONS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < f->pair_count && count < DEVIATIONS_MAX; i++)
        if (is_tested(f, &f->pairs[i]) && f->pairs[i].deviation > 0 &&
            isfinite(f->pairs[i].deviation))
            deviations[count++] = f->pairs[i].deviation;
    if (f->test == CVY_TEST_NONE || count == 0)
        return NAN;
    qsort(deviations, count, sizeof *deviations, compare_deviations);
    return cvy_detectable(deviations[count / 2], f->study->seed_count,
                          cvy_significance / (double)f->tested_count, 0.8);
}

const char *cvy_findings_verdict(const cvy_findings *f, size_t configuration)
{
    const cvy_hypotheses *h = &f->study->hypotheses;
    const size_t reference = h->tests == CVY_TESTS_BASELINE ? h->first : f->order[0];
    const cvy_pair *pair = cvy_findings_pair_of(f, configuration, reference);

    if (cvy_standing_is_lost(&f->standings[configuration]))
        return "diverged";
    if (configuration == reference)
        return h->tests == CVY_TESTS_BASELINE ? "baseline" : "best";
    if (!pair->is_planned || f->test == CVY_TEST_NONE || cvy_pair_is_lost(f, pair))
        return "not tested";
    if (pair->is_distinguishable)
        return pair->first == configuration ? "better" : "worse";
    return pair->is_equivalent ? "equivalent" : "no significant difference";
}

const cvy_pair *cvy_findings_pair(const cvy_findings *f, size_t rank_of_other)
{
    assert(rank_of_other > 0 && rank_of_other < f->study->compared_count);
    return &f->pairs[rank_of_other - 1]; /* pairs with the best one come first */
}
