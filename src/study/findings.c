#include "study/findings.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "machine/load.h"

enum { RESAMPLES = 10000, DEVIATIONS_MAX = 1024 };

const char *const cvy_metric_titles[CVY_METRIC_COUNT] = { "training loss", "validation loss",
                                                          "training accuracy",
                                                          "validation accuracy" };

const char *cvy_metric_print(cvy_metric metric, double value, char text[CVY_FIGURE_BYTES])
{
    if (!isfinite(value))
        snprintf(text, CVY_FIGURE_BYTES, "none");
    else if (cvy_metric_rises(metric))
        snprintf(text, CVY_FIGURE_BYTES, "%.2f %%", 100 * value);
    else
        snprintf(text, CVY_FIGURE_BYTES, "%.4g", value);
    return text;
}

double cvy_final_value(const cvy_study_run *run, cvy_metric metric)
{
    const double worst = cvy_metric_rises(metric) ? -INFINITY : INFINITY;

    if (run == NULL || run->state != CVY_RUN_FINISHED || run->point_count == 0)
        return worst;
    const double value = run->points[run->point_count - 1].metric[metric];
    return isnan(value) ? worst : value;
}

bool cvy_standing_is_lost(const cvy_standing *standing)
{
    return standing->diverged == standing->runs;
}

bool cvy_pair_is_lost(const cvy_findings *f, const cvy_pair *pair)
{
    return cvy_standing_is_lost(&f->standings[pair->first]) ||
           cvy_standing_is_lost(&f->standings[pair->second]);
}

static const cvy_study_run *run_of(const cvy_study *c, size_t configuration, size_t i)
{
    return &c->runs[c->configurations[configuration].first_run + i];
}

static cvy_metric choose_metric(const cvy_study *c)
{
    static const cvy_metric wanted[] = { CVY_METRIC_VAL_ACCURACY, CVY_METRIC_ACCURACY,
                                         CVY_METRIC_VAL_LOSS };

    for (size_t m = 0; m < sizeof wanted / sizeof *wanted; m++)
        for (size_t r = 0; r < c->run_count; r++)
            if (c->runs[r].state == CVY_RUN_FINISHED &&
                isfinite(cvy_final_value(&c->runs[r], wanted[m])))
                return wanted[m];
    return CVY_METRIC_LOSS;
}

/* --- standings --- */

static void fill_standing(const cvy_study *c, size_t configuration, cvy_standing *s, double *values)
{
    const size_t runs = c->configurations[configuration].run_count;
    size_t count;

    s->runs = runs;
    for (size_t i = 0; i < runs; i++)
        s->diverged += run_of(c, configuration, i)->state == CVY_RUN_DIVERGED;
    for (cvy_metric m = 0; m < CVY_METRIC_COUNT; m++) {
        for (size_t i = 0; i < runs; i++)
            values[i] = cvy_final_value(run_of(c, configuration, i), m);
        s->final[m] = cvy_quartiles_take(values, runs);
    }
    count = 0;
    for (size_t i = 0; i < runs; i++)
        if (run_of(c, configuration, i)->has_test)
            values[count++] = run_of(c, configuration, i)->test_accuracy;
    s->test_accuracy = cvy_quartiles_take(values, count);
    count = 0;
    for (size_t i = 0; i < runs; i++)
        if (run_of(c, configuration, i)->has_test)
            values[count++] = run_of(c, configuration, i)->test_loss;
    s->test_loss = cvy_quartiles_take(values, count);
    count = 0;
    for (size_t i = 0; i < runs; i++) {
        const cvy_study_run *run = run_of(c, configuration, i);
        if (run->steps > 0 && run->state == CVY_RUN_FINISHED)
            values[count++] = run->train_seconds / (double)run->steps;
    }
    s->step_seconds = cvy_quartiles_take(values, count);
}

static void judge_costs(cvy_findings *f)
{
    const cvy_study *c = f->study;

    for (size_t k = 0; c->costs != NULL && k < c->compared_count; k++)
        f->standings[k].is_dearer = c->cost_load <= cvy_load_limit && c->costs[k].ratio.low > 1;
}

/* Whether half of the compared runs or more were trained while other processes took too much of the
 * machine. */
static bool is_busy(const cvy_study *c)
{
    size_t busy = 0, known = 0;

    for (size_t i = 0; i < c->run_count; i++) {
        if (c->configurations[c->runs[i].configuration].role == CVY_ROLE_TRIAL)
            continue;
        known += !isnan(c->runs[i].load);
        busy += c->runs[i].load > cvy_load_limit;
    }
    return known > 0 && 2 * busy >= known;
}

static void fill_hits(const cvy_study *c, const cvy_target *target, size_t configuration,
                      cvy_hits *hits, double *values)
{
    const size_t runs = c->configurations[configuration].run_count;
    cvy_quartiles *const quartiles[] = { &hits->steps, &hits->epochs, &hits->seconds };

    hits->of = runs;
    for (size_t q = 0; q < 3; q++) {
        hits->reached = 0;
        for (size_t i = 0; i < runs; i++) {
            const cvy_point *hit = cvy_study_hit(run_of(c, configuration, i), target);
            hits->reached += hit != NULL;
            values[i] = hit == NULL ? INFINITY
                        : q == 0    ? (double)hit->step
                        : q == 1    ? hit->epoch
                                    : hit->train_seconds;
        }
        *quartiles[q] = cvy_quartiles_take(values, runs);
    }
}

/* --- the ranking --- */

static bool has_better_median(const cvy_findings *f, size_t a, size_t b)
{
    const double left = f->standings[a].final[f->metric].median,
                 right = f->standings[b].final[f->metric].median;

    return cvy_metric_rises(f->metric) ? left > right : left < right;
}

/* Order by median, then by loss, then as listed. */
static bool is_before(const cvy_findings *f, size_t a, size_t b)
{
    const cvy_standing *x = &f->standings[a], *y = &f->standings[b];

    if (has_better_median(f, a, b) || has_better_median(f, b, a))
        return has_better_median(f, a, b);
    const cvy_metric loss =
        isfinite(x->final[CVY_METRIC_VAL_LOSS].median) ? CVY_METRIC_VAL_LOSS : CVY_METRIC_LOSS;
    if (x->final[loss].median != y->final[loss].median)
        return x->final[loss].median < y->final[loss].median;
    return a < b;
}

static void rank(cvy_findings *f)
{
    for (size_t k = 0; k < f->study->compared_count; k++) {
        size_t place = k;
        for (; place > 0 && is_before(f, k, f->order[place - 1]); place--)
            f->order[place] = f->order[place - 1];
        f->order[place] = k;
    }
}

size_t cvy_findings_rank(const cvy_findings *f, size_t configuration)
{
    size_t better = 0;
    while (better < f->study->compared_count &&
           has_better_median(f, f->order[better], configuration))
        better++;
    return better;
}

/* --- pairs --- */

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
    pair->difference = cvy_quartiles_take(sorted, seeds).median;
    pair->deviation = is_finite ? cvy_deviation(differences, seeds) : NAN;
    pair->p_equivalent = f->test != CVY_TEST_NONE && is_finite && margin_of(f) > 0
                             ? cvy_equivalence(differences, seeds, margin_of(f))
                             : NAN;
    cvy_status status =
        cvy_bootstrap_median(differences, seeds, RESAMPLES, 0.95, 0, &pair->interval);
    if (f->test == CVY_TEST_NONE || !pair->is_planned)
        pair->p = NAN;
    else if (status == CVY_OK && f->test == CVY_TEST_T && is_finite)
        pair->p = cvy_paired_t(differences, seeds);
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

static cvy_status test_pairs(cvy_findings *f, double *values)
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
    if (!pair->is_planned || f->test == CVY_TEST_NONE)
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

/* --- */

static void profile(cvy_findings *f)
{
    const cvy_study *c = f->study;
    const size_t solvers = c->compared_count;

    for (size_t t = 0; t < c->target_count; t++)
        for (size_t s = 0; s < c->seed_count; s++)
            for (size_t k = 0; k < solvers; k++) {
                const cvy_study_run *run = cvy_study_run_at(c, k, s);
                const cvy_point *hit = run != NULL ? cvy_study_hit(run, &c->targets[t]) : NULL;
                f->ratios[(t * c->seed_count + s) * solvers + k] =
                    hit != NULL ? (double)hit->step : INFINITY;
            }
    cvy_performance_ratios(f->ratios, f->problem_count, solvers, f->ratios);
}

static cvy_status allocate(cvy_findings *f)
{
    const cvy_study *c = f->study;
    const size_t k = c->compared_count;
    cvy_status status = cvy_memory_create(f->standing_count, sizeof *f->standings, &f->standings);

    f->pair_count = k * (k - 1) / 2;
    f->problem_count = c->target_count * c->seed_count;
    if (status == CVY_OK)
        status = cvy_memory_create(k, sizeof *f->order, &f->order);
    if (status == CVY_OK)
        status = cvy_memory_create(c->target_count * f->standing_count, sizeof *f->hits, &f->hits);
    if (status == CVY_OK)
        status = cvy_memory_create(f->pair_count, sizeof *f->pairs, &f->pairs);
    if (status == CVY_OK)
        status = cvy_memory_create(f->problem_count * k, sizeof *f->ratios, &f->ratios);
    return status;
}

cvy_status cvy_findings_make(const cvy_study *study, cvy_findings *findings)
{
    assert(study->compared_count > 0 && study->seed_count > 0);
    double *values = NULL;

    *findings = (cvy_findings){ .study = study, .metric = choose_metric(study) };
    while (findings->standing_count < study->configuration_count &&
           study->configurations[findings->standing_count].role != CVY_ROLE_TRIAL)
        findings->standing_count++;
    cvy_status status = allocate(findings);
    if (status == CVY_OK)
        status =
            cvy_memory_create(2 * study->seed_count + study->run_count, sizeof *values, &values);
    if (status == CVY_OK) {
        for (size_t k = 0; k < findings->standing_count; k++)
            fill_standing(study, k, &findings->standings[k], values);
        judge_costs(findings);
        findings->is_busy = is_busy(study);
        for (size_t t = 0; t < study->target_count; t++)
            for (size_t k = 0; k < findings->standing_count; k++)
                fill_hits(study, &study->targets[t], k,
                          &findings->hits[t * findings->standing_count + k], values);
        rank(findings);
        profile(findings);
        status = test_pairs(findings, values);
    }
    cvy_memory_free(values);
    if (status != CVY_OK)
        cvy_findings_release(findings);
    return status;
}

void cvy_findings_release(cvy_findings *findings)
{
    cvy_memory_free(findings->standings);
    cvy_memory_free(findings->order);
    cvy_memory_free(findings->hits);
    cvy_memory_free(findings->pairs);
    cvy_memory_free(findings->ratios);
    *findings = (cvy_findings){ 0 };
}
