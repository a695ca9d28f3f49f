#include "report/joint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/text_stream.h"

/* Upper bound of the profile's integral in AlgoPerf. */
static const double tau_max = 4;

/* --- the profile --- */

static void fill_ratios(cvy_joint *j, size_t targets, size_t solvers)
{
    for (size_t i = 0; i < j->count; i++) {
        const cvy_findings *f = j->parts[i].findings;
        for (size_t t = 0; t < targets; t++)
            for (size_t k = 0; k < solvers; k++) {
                const double steps = f->hits[t * f->standing_count + k].steps.median;
                j->profile.ratios[(i * targets + t) * solvers + k] =
                    isfinite(steps) ? steps : INFINITY;
            }
    }
    cvy_performance_ratios(j->profile.ratios, j->profile.problem_count, solvers, j->profile.ratios);
}

static double share_of(const cvy_joint *j, size_t configuration, double tau)
{
    const cvy_findings *p = &j->profile;
    return cvy_profile_at(p->ratios, p->problem_count, p->study->compared_count, configuration,
                          tau);
}

static double score_of(const cvy_joint *j, size_t configuration)
{
    const cvy_findings *p = &j->profile;
    return cvy_profile_score(p->ratios, p->problem_count, p->study->compared_count, configuration,
                             tau_max);
}

static bool is_before(const cvy_joint *j, size_t a, size_t b)
{
    if (score_of(j, a) != score_of(j, b))
        return score_of(j, a) > score_of(j, b);
    return j->mean_ranks[a] < j->mean_ranks[b];
}

static void put_in_order(cvy_joint *j, size_t solvers)
{
    size_t *order = j->profile.order;

    for (size_t k = 0; k < solvers; k++) {
        size_t place = k;
        for (; place > 0 && is_before(j, k, order[place - 1]); place--)
            order[place] = order[place - 1];
        order[place] = k;
    }
}

/* A name of the configuration that is true of all workloads: each may have tuned another value. */
static char *name_of(const cvy_joint_part *parts, size_t count, size_t configuration)
{
    const cvy_configuration *first = &parts[0].findings->study->configurations[configuration];

    for (size_t i = 1; i < count && first->untuned_label != NULL; i++)
        if (strcmp(parts[i].findings->study->configurations[configuration].label, first->label) !=
            0)
            return first->untuned_label;
    return first->label;
}

static cvy_status copy_study(const cvy_joint_part *parts, size_t count, cvy_joint *j)
{
    const cvy_study *c = parts[0].findings->study;
    cvy_status status = cvy_memory_create(1, sizeof *j->study, &j->study);

    if (status == CVY_OK)
        status =
            cvy_memory_create(c->compared_count, sizeof *j->configurations, &j->configurations);
    if (status != CVY_OK)
        return status;
    *j->study = *c;
    memcpy(j->configurations, c->configurations, c->compared_count * sizeof *j->configurations);
    for (size_t k = 0; k < c->compared_count; k++)
        j->configurations[k].label = name_of(parts, count, k);
    j->study->configurations = j->configurations;
    j->profile.study = j->study;
    return CVY_OK;
}

cvy_status cvy_joint_make(const cvy_joint_part *parts, size_t count, cvy_joint *j)
{
    const cvy_study *c = parts[0].findings->study;
    const size_t solvers = c->compared_count, problems = count * c->target_count;

    *j = (cvy_joint){ .count = count, .profile = { .problem_count = problems } };
    cvy_status status = copy_study(parts, count, j);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *j->parts, &j->parts);
    if (status == CVY_OK)
        status = cvy_memory_create(solvers, sizeof *j->mean_ranks, &j->mean_ranks);
    if (status == CVY_OK)
        status = cvy_memory_create(solvers, sizeof *j->profile.order, &j->profile.order);
    if (status == CVY_OK)
        status =
            cvy_memory_create(problems * solvers, sizeof *j->profile.ratios, &j->profile.ratios);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        j->parts[i] = parts[i];
        for (size_t k = 0; k < solvers; k++)
            j->mean_ranks[k] +=
                (double)(cvy_findings_rank(parts[i].findings, k) + 1) / (double)count;
    }
    fill_ratios(j, c->target_count, solvers);
    put_in_order(j, solvers);
    return CVY_OK;
}

void cvy_joint_release(cvy_joint *j)
{
    cvy_memory_free(j->parts);
    cvy_memory_free(j->mean_ranks);
    cvy_memory_free(j->configurations);
    cvy_memory_free(j->study);
    cvy_findings_release(&j->profile);
    *j = (cvy_joint){ 0 };
}

/* --- tables --- */

static const char *label_of(const cvy_joint *j, size_t configuration)
{
    return j->profile.study->configurations[configuration].label;
}

static cvy_status make_ranks(const cvy_joint *j, cvy_table *t)
{
    char alignment[CVY_TABLE_COLUMNS_MAX + 1] = "lr";

    memset(alignment + 2, 'r', j->count);
    cvy_table_begin(t, alignment);
    t->title = "Ranks";

    cvy_table_add(t, "configuration");
    cvy_table_add(t, "mean rank");
    for (size_t i = 0; i < j->count; i++)
        cvy_table_add(t, "%s", j->parts[i].name);
    for (size_t r = 0; r < j->profile.study->compared_count; r++) {
        const size_t k = j->profile.order[r];
        cvy_table_add(t, "%s", label_of(j, k));
        cvy_table_add(t, "%.3g", j->mean_ranks[k]);
        for (size_t i = 0; i < j->count; i++) {
            const cvy_findings *f = j->parts[i].findings;
            char value[CVY_FIGURE_BYTES];
            cvy_table_add(
                t, "%s (%zu)",
                cvy_metric_print(f->metric, f->standings[k].final[f->metric].median, value),
                cvy_findings_rank(f, k) + 1);
        }
    }
    snprintf(t->note, sizeof t->note,
             "Medians over n = %zu seed%s at the last evaluation; in brackets the rank on that "
             "workload, which equal medians share. Each workload's own ranking says which "
             "differences are significant.",
             j->profile.study->seed_count, cvy_plural(j->profile.study->seed_count));
    return cvy_table_close(t);
}

static cvy_status make_workloads(const cvy_joint *j, cvy_table *t)
{
    cvy_table_begin(t, "lrrrl");
    t->title = "Workloads";

    static const char *const heads[] = { "workload", "parameters", "training images", "steps",
                                         "data, SHA-256" };
    for (size_t i = 0; i < 5; i++)
        cvy_table_add(t, "%s", heads[i]);
    for (size_t i = 0; i < j->count; i++) {
        const cvy_setup *s = &j->parts[i].findings->study->setup;
        cvy_table_add(t, "%s", j->parts[i].name);
        cvy_table_add(t, "%zu", s->parameter_count);
        cvy_table_add(t, "%zu", s->train_count);
        cvy_table_add(t, "%zu", s->epochs * s->steps_per_epoch);
        cvy_table_add(t, "%s", s->data_sha256);
    }
    snprintf(
        t->note, sizeof t->note,
        "Each with the same configurations and the same %zu seed%s; tuning and automatic targets "
        "are each workload's own.",
        j->profile.study->seed_count, cvy_plural(j->profile.study->seed_count));
    return cvy_table_close(t);
}

static cvy_status make_profile(const cvy_joint *j, cvy_table *t)
{
    return cvy_table_of_profile(&j->profile, "a target on a workload, in the median over the seeds",
                                t);
}

cvy_status cvy_joint_tables(const cvy_joint *j, cvy_tables *tables)
{
    static cvy_status (*const makers[])(const cvy_joint *,
                                        cvy_table *) = { make_profile, make_ranks, make_workloads };
    cvy_status status = CVY_OK;

    *tables = (cvy_tables){ 0 };
    for (size_t i = 0; status == CVY_OK && i < sizeof makers / sizeof *makers; i++) {
        status = makers[i](j, &tables->tables[i]);
        tables->count += status == CVY_OK;
    }
    if (status != CVY_OK)
        cvy_tables_release(tables);
    return status;
}

/* --- words --- */

static size_t count_wins(const cvy_joint *j, size_t configuration)
{
    size_t wins = 0;
    for (size_t i = 0; i < j->count; i++)
        wins += cvy_findings_rank(j->parts[i].findings, configuration) == 0;
    return wins;
}

static void say_profile(FILE *file, const cvy_joint *j)
{
    const size_t best = j->profile.order[0], solvers = j->profile.study->compared_count;

    if (score_of(j, best) <= 0) {
        fprintf(
            file,
            "On none of the %zu workloads did a configuration reach a target in more than half of "
            "its runs.",
            j->count);
        return;
    }
    fprintf(
        file,
        "Over %zu workloads, %s has the highest score of the performance profile, %.3f of 1: its "
        "median steps are the fewest for %.0f %% of the %zu target%s, and within four times the "
        "fewest for %.0f %%.",
        j->count, label_of(j, best), score_of(j, best), 100 * share_of(j, best, 1),
        j->profile.problem_count, cvy_plural(j->profile.problem_count),
        100 * share_of(j, best, tau_max));
    if (solvers > 1)
        fprintf(file,
                score_of(j, j->profile.order[1]) == score_of(j, best)
                    ? " %s has the same score, %.3f."
                    : " %s is next with %.3f.",
                label_of(j, j->profile.order[1]), score_of(j, j->profile.order[1]));
    fputs(" The profile counts medians and is not a test.", file);
}

/* Count the workloads where a configuration is first and significantly better than every other. */
static size_t count_clear_wins(const cvy_joint *j, size_t configuration)
{
    size_t wins = 0;

    for (size_t i = 0; i < j->count; i++) {
        const cvy_findings *f = j->parts[i].findings;
        bool is_clear = f->order[0] == configuration;
        for (size_t r = 1; is_clear && r < f->study->compared_count; r++)
            is_clear = cvy_findings_pair(f, r)->is_distinguishable ||
                       cvy_standing_is_lost(&f->standings[f->order[r]]);
        wins += is_clear;
    }
    return wins;
}

/* Name the configurations that are significantly better than the baseline on some workload. */
static void say_baseline(FILE *file, const cvy_joint *j)
{
    const size_t count = j->profile.study->compared_count,
                 baseline = j->profile.study->hypotheses.first;
    size_t said = 0;

    for (size_t r = 0; r < count; r++) {
        const size_t k = j->profile.order[r];
        size_t wins = 0;
        for (size_t i = 0; i < j->count; i++)
            wins += strcmp(cvy_findings_verdict(j->parts[i].findings, k), "better") == 0;
        if (wins == 0)
            continue;
        if (said++ == 0)
            fprintf(file, "; significantly better than the baseline (%s): ", label_of(j, baseline));
        else
            fputs(", ", file);
        fprintf(file, "%s on %zu of %zu", label_of(j, k), wins, j->count);
    }
    if (said == 0)
        fprintf(file, "; none is significantly better than the baseline (%s) on any of them",
                label_of(j, baseline));
    fputc('.', file);
}

/* Only what was tested is called better. */
static void say_tests(FILE *file, const cvy_joint *j, size_t clear_wins)
{
    const cvy_tests tests = j->profile.study->hypotheses.tests;

    if (j->parts[0].findings->test == CVY_TEST_NONE)
        fprintf(file, ". With fewer than %d seeds no difference is tested.", CVY_TESTED_SEEDS);
    else if (tests == CVY_TESTS_PAIR)
        fputs(". Only the planned pair is tested, on each workload by itself.", file);
    else if (tests == CVY_TESTS_BASELINE)
        say_baseline(file, j);
    else if (clear_wins == 0)
        fputs("; on none of them is the first significantly better than all others.", file);
    else
        fprintf(file, "; significantly better than all others on %zu of %zu.", clear_wins,
                j->count);
}

/* The best median is only a description; the tests decide whether it is better than the others. */
static void say_winners(FILE *file, const cvy_joint *j)
{
    const size_t count = j->profile.study->compared_count;
    size_t clear = 0, said = 0;

    fputs(" Best median at the last evaluation: ", file);
    for (size_t r = 0; r < count; r++) {
        const size_t k = j->profile.order[r], wins = count_wins(j, k);
        clear += count_clear_wins(j, k);
        if (wins > 0)
            fprintf(file, "%s%s on %zu of %zu", said++ > 0 ? ", " : "", label_of(j, k), wins,
                    j->count);
    }
    say_tests(file, j, clear);
}

cvy_status cvy_joint_words(const cvy_joint *j, char **text)
{
    size_t bytes = 0;
    FILE *file = cvy_text_stream_open(text, &bytes);

    if (file == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
    say_profile(file, j);
    if (j->profile.study->compared_count > 1)
        say_winners(file, j);
    const bool is_bad = ferror(file) != 0;
    if (fclose(file) == 0 && !is_bad)
        return CVY_OK;
    free(*text);
    return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
}

/* --- summary.json --- */

json_t *cvy_joint_json(const cvy_joint *j)
{
    json_t *configurations = json_array();

    for (size_t r = 0; r < j->profile.study->compared_count; r++) {
        const size_t k = j->profile.order[r];
        cvy_json_append(&configurations,
                        json_pack("{ss sf sf sf sf sf}", "label", label_of(j, k), "fastest",
                                  share_of(j, k, 1), "within_2", share_of(j, k, 2), "within_4",
                                  share_of(j, k, 4), "score", score_of(j, k), "mean_rank",
                                  j->mean_ranks[k]));
    }
    return json_pack("{ss sI sf so}", "of", "steps", "problems",
                     (json_int_t)j->profile.problem_count, "tau_max", tau_max, "configurations",
                     configurations);
}
