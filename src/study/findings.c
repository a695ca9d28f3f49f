/* Standings of the configurations, their ranking, and the time to each target. */
#include "study/findings.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "machine/load.h"
#include "study/findings_pairs.h"

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

/* --- the whole --- */

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
        status = cvy_findings_test_pairs(findings, values);
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
