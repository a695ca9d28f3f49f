#include "report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "machine/load.h"
#include "report/table_cells.h"

static const char *label_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].label;
}

static cvy_status make_ranking(const cvy_findings *f, size_t unused, cvy_table *t)
{
    const cvy_hypotheses *h = &f->study->hypotheses;
    char against[160];
    const char *const heads[] = {
        "#",
        "configuration",
        cvy_metric_titles[f->metric],
        against,
        "quartiles",
        "best seed",
        "test accuracy",
        "runs",
    };

    (void)unused;
    snprintf(against, sizeof against, "against %.120s",
             h->tests == CVY_TESTS_BASELINE ? label_of(f, h->first) : "the best");
    cvy_table_begin(t, "rlrlrrrr");
    t->title = "Ranking";
    cvy_table_add_row(t, heads);
    for (size_t r = 0; r < f->study->compared_count; r++) {
        const cvy_standing *s = &f->standings[f->order[r]];
        const cvy_quartiles *q = &s->final[f->metric];
        cvy_table_add(t, "%zu", cvy_findings_rank(f, f->order[r]) + 1);
        cvy_table_add(t, "%s", label_of(f, f->order[r]));
        cvy_cell_metric(t, f->metric, q->median);
        cvy_table_add(t, "%s", cvy_findings_verdict(f, f->order[r]));
        cvy_cell_quartiles(t, f->metric, q);
        cvy_cell_metric(t, f->metric, cvy_metric_rises(f->metric) ? q->max : q->min);
        cvy_cell_metric(t, CVY_METRIC_ACCURACY, s->test_accuracy.median);
        if (s->diverged > 0)
            cvy_table_add(t, "%zu, %zu diverged", s->runs, s->diverged);
        else
            cvy_table_add(t, "%zu", s->runs);
    }
    snprintf(
        t->note, sizeof t->note,
        "Medians over n = %zu seed%s at the last evaluation; a run that diverged counts as the "
        "worst. The test set is evaluated once per run, at its end, and does not affect the "
        "ranking, in which equal medians share a place. Quartiles: Hyndman and Fan's definition 7.",
        f->study->seed_count, cvy_plural(f->study->seed_count));
    return cvy_table_close(t);
}

static void add_hits(const cvy_findings *f, size_t target, size_t standing, cvy_table *t)
{
    const cvy_hits *h = &f->hits[target * f->standing_count + standing];

    cvy_table_add(t, "%s", label_of(f, standing));
    cvy_table_add(t, "%zu of %zu", h->reached, h->of);
    cvy_cell_number(t, h->steps.median, 10);
    cvy_cell_range(t, h->steps.q1, h->steps.q3, 10);
    cvy_cell_number(t, h->epochs.median, 3);
    cvy_cell_number(t, f->is_busy ? NAN : h->seconds.median, 3);
}

static cvy_status make_target(const cvy_findings *f, size_t target, cvy_table *t)
{
    const cvy_study *c = f->study;
    char value[CVY_FIGURE_BYTES], text[96];
    cvy_table_begin(t, "lrrrrr");
    t->title = "Time to target";
    static const char *const heads[] = { "configuration", "reached", "steps",
                                         "quartiles",     "epochs",  "seconds" };
    for (size_t i = 0; i < 6; i++)
        cvy_table_add(t, "%s", heads[i]);
    for (size_t r = 0; r < c->compared_count; r++)
        add_hits(f, target, f->order[r], t);
    for (size_t k = c->compared_count; k < f->standing_count; k++)
        add_hits(f, target, k, t);
    if (isfinite(c->targets[target].value))
        snprintf(text, sizeof text, "%s %s %s", cvy_metric_titles[c->targets[target].metric],
                 cvy_metric_rises(c->targets[target].metric) ? "≥" : "≤",
                 cvy_metric_print(c->targets[target].metric, c->targets[target].value, value));
    else
        snprintf(text, sizeof text, "none, as no run finished that could set it");
    snprintf(t->note, sizeof t->note,
             "Target: %s%s. Medians over n = %zu seed%s of the first evaluation that reaches it; "
             "a miss counts as infinity, so there is no median where half of the runs miss. "
             "Seconds are of training alone%s.",
             text,
             !isfinite(c->targets[target].value) ? ""
             : c->targets[target].is_auto ? " (set by the median best of the best configuration)"
                                          : "",
             c->seed_count, cvy_plural(c->seed_count),
             f->is_busy
                 ? ", and left out: other processes took more than 5 % of the processors' time"
                 : "");
    return cvy_table_close(t);
}

/* Add a difference; accuracies in percentage points. */
static void add_difference(cvy_table *t, const cvy_findings *f, const cvy_pair *pair)
{
    const bool is_share = cvy_metric_rises(f->metric);
    const double scale = is_share ? 100 : 1;

    if (isfinite(pair->difference))
        cvy_table_add(t, "%+.*f", is_share ? 2 : 4, scale * pair->difference);
    else
        cvy_table_add(t, "%s", "none");
    cvy_table_add(t, "%s", cvy_pair_verdict(f, pair));
    if (isfinite(pair->interval.low) && isfinite(pair->interval.high))
        cvy_table_add(t, "%+.*f to %+.*f", is_share ? 2 : 4, scale * pair->interval.low,
                      is_share ? 2 : 4, scale * pair->interval.high);
    else
        cvy_table_add(t, "%s", isnan(pair->interval.low) ? "–" : "unbounded");
}

/* Say which test was used, and why. */
static void describe_test(const cvy_findings *f, char text[512])
{
    static const char *const why[] = {
        [CVY_TEST_WILCOXON] = "Wilcoxon's signed-rank test, exact",
        [CVY_TEST_T] =
            "paired t-test, as with so few seeds no rank test can reach 5 % after the "
            "correction; it assumes roughly normal differences, so more seeds are better",
    };

    if (f->test == CVY_TEST_NONE)
        snprintf(text, 512, "With fewer than %d seeds no difference is tested.", CVY_TESTED_SEEDS);
    else if (f->tested_count == 0)
        snprintf(
            text, 512,
            "No difference is tested, as in each pair all runs of one configuration diverged.");
    else
        snprintf(text, 512, "p: two-sided, Holm's correction for %zu pair%s, 5 %%; %s.",
                 f->tested_count, cvy_plural(f->tested_count), why[f->test]);
}

static void describe_pairs(const cvy_findings *f, cvy_table *t)
{
    const bool is_share = cvy_metric_rises(f->metric);
    const double found = cvy_findings_detectable(f), margin = f->study->hypotheses.margin;
    char test[512], power[128] = "", equivalence[128] = "", interval[128] = "";

    describe_test(f, test);
    if (f->study->seed_count >= CVY_TESTED_SEEDS)
        snprintf(interval, sizeof interval,
                 " Interval: bootstrap percentiles of the median, 10,000 resamples.");
    if (isfinite(found))
        snprintf(power, sizeof power,
                 " A true difference of %.2g%s would have been found with a probability of about "
                 "80 %%.",
                 found * (is_share ? 100 : 1), is_share ? " points" : "");
    if (margin > 0)
        snprintf(equivalence, sizeof equivalence,
                 " Equivalent: the same within %g%s by two one-sided t-tests (TOST) at 5 %%.",
                 margin,
                 !is_share     ? ""
                 : margin == 1 ? " point"
                               : " points");
    snprintf(t->note, sizeof t->note, "Of %s, n = %zu seed%s, the same for both.%s %s%s%s",
             cvy_metric_titles[f->metric], f->study->seed_count, cvy_plural(f->study->seed_count),
             interval, test, equivalence, power);
}

static cvy_status make_pairs(const cvy_findings *f, size_t unused, cvy_table *t)
{
    const bool has_margin = f->study->hypotheses.margin > 0;

    (void)unused;
    cvy_table_begin(t, has_margin ? "lrlrrr"
                                    "r"
                                  : "lrlrrr");
    t->title = "Paired differences";
    cvy_table_add(t, "first − second");
    cvy_table_add(t, "%s", cvy_metric_rises(f->metric) ? "difference, points" : "difference");
    cvy_table_add(t, "verdict");
    cvy_table_add(t, "95 %% interval");
    cvy_table_add(t, "p");
    cvy_table_add(t, "p, Holm");
    if (has_margin)
        cvy_table_add(t, "p, not equivalent");
    for (size_t i = 0; i < f->pair_count; i++) {
        const cvy_pair *pair = &f->pairs[i];
        if (!pair->is_planned)
            continue;
        cvy_table_add(t, "%s − %s", label_of(f, pair->first), label_of(f, pair->second));
        add_difference(t, f, pair);
        cvy_cell_number(t, cvy_pair_is_lost(f, pair) ? NAN : pair->p, 2);
        cvy_cell_number(t, pair->p_holm, 2);
        if (has_margin)
            cvy_cell_number(t, pair->p_equivalent, 2);
    }
    describe_pairs(f, t);
    return cvy_table_close(t);
}

static bool has_ratios(const cvy_study *c)
{
    for (size_t k = 0; k < c->compared_count; k++)
        if (isfinite(c->costs[k].ratio.median))
            return true;
    return false;
}

/* "20 updates", or "1 to 93 updates" where batch sizes differ. */
static void print_cost_steps(const cvy_study *c, char text[64])
{
    size_t fewest = c->costs[0].steps, most = fewest;

    for (size_t k = 1; k < c->compared_count; k++) {
        fewest = c->costs[k].steps < fewest ? c->costs[k].steps : fewest;
        most = c->costs[k].steps > most ? c->costs[k].steps : most;
    }
    if (fewest == most)
        snprintf(text, 64, "%zu update%s", most, cvy_plural(most));
    else
        snprintf(text, 64, "%zu to %zu updates", fewest, most);
}

static void describe_costs(const cvy_study *c, cvy_table *t)
{
    char steps[64];

    if (c->costs == NULL) {
        snprintf(t->note, sizeof t->note, "Times of updates were not measured.");
        return;
    }
    print_cost_steps(c, steps);
    snprintf(t->note, sizeof t->note,
             "Medians of %zu round%s of %s with %zu thread%s%s, in each of which all "
             "configurations take turns in random order; in brackets the 95 %% interval of the "
             "median. The ratio is to plain SGD%s in the same round%s.%s",
             c->cost_repeats, cvy_plural(c->cost_repeats), steps, c->setup.threads,
             cvy_plural(c->setup.threads),
             cvy_study_varies_batches(c) ? ", each with its own batch size" : "",
             cvy_study_varies_batches(c) ? " with the same batch size" : "",
             has_ratios(c) ? "" : ", which is not compared here",
             c->cost_load > cvy_load_limit
                 ? " Other processes took more than 5 % of the processors' time meanwhile, so "
                   "these times are not reliable."
                 : "");
}

static void add_repeats(cvy_table *t, const cvy_repeats *r, double scale)
{
    char median[CVY_FIGURE_BYTES], low[CVY_FIGURE_BYTES], high[CVY_FIGURE_BYTES];

    cvy_cell_print_number(scale * r->median, 3, median);
    if (isfinite(r->low))
        cvy_table_add(t, "%s (%s – %s)", median, cvy_cell_print_number(scale * r->low, 3, low),
                      cvy_cell_print_number(scale * r->high, 3, high));
    else
        cvy_table_add(t, "%s", median);
}

static cvy_status make_costs(const cvy_findings *f, size_t unused, cvy_table *t)
{
    static const char *const heads[] = { "configuration", "ms per update", "× plain SGD",
                                         "optimizer state per weight, bytes",
                                         "optimizer state, bytes" };
    const cvy_study *c = f->study;

    (void)unused;
    cvy_table_begin(t, "lrrrr");
    t->title = "Cost";
    cvy_table_add_row(t, heads);
    for (size_t r = 0; r < c->compared_count; r++) {
        const size_t k = f->order[r];
        cvy_table_add(t, "%s", label_of(f, k));
        if (c->costs != NULL) {
            add_repeats(t, &c->costs[k].seconds, 1000);
            add_repeats(t, &c->costs[k].ratio, 1);
        } else {
            cvy_cell_number(t, NAN, 3);
            cvy_cell_number(t, NAN, 3);
        }
        cvy_table_add(t, "%zu", 4 * c->configurations[k].state_floats);
        cvy_table_add(t, "%zu", c->configurations[k].state_bytes);
    }
    describe_costs(c, t);
    return cvy_table_close(t);
}

cvy_status cvy_table_of_profile(const cvy_findings *f, const char *problem, cvy_table *t)
{
    const size_t problems = f->problem_count, solvers = f->study->compared_count;
    cvy_table_begin(t, "lrrrr");
    t->title = "Performance profile";
    static const char *const heads[] = { "configuration", "fastest", "within 2×", "within 4×",
                                         "mean up to 4×" };
    for (size_t i = 0; i < 5; i++)
        cvy_table_add(t, "%s", heads[i]);
    for (size_t r = 0; r < solvers; r++) {
        const size_t k = f->order[r];
        cvy_table_add(t, "%s", label_of(f, k));
        for (double tau = 1; tau <= 4; tau *= 2)
            cvy_table_add(t, "%.0f %%", 100 * cvy_profile_at(f->ratios, problems, solvers, k, tau));
        cvy_table_add(t, "%.3f", cvy_profile_score(f->ratios, problems, solvers, k, 4));
    }
    snprintf(t->note, sizeof t->note,
             "Share of the %zu problem%s (%s) solved within each multiple of the fewest steps "
             "(Dolan and Moré 2002).",
             problems, cvy_plural(problems), problem);
    return cvy_table_close(t);
}

static cvy_status make_profile(const cvy_findings *f, size_t unused, cvy_table *t)
{
    (void)unused;
    return cvy_table_of_profile(f, "a target on a seed", t);
}

/* Add a table that exists only once. */
static cvy_status add_table(const cvy_findings *f, cvy_tables *tables,
                            cvy_status (*make)(const cvy_findings *, cvy_table *))
{
    if (tables->count == CVY_TABLES_MAX)
        return CVY_OK;
    const cvy_status status = make(f, &tables->tables[tables->count]);
    tables->count += status == CVY_OK;
    return status;
}

static cvy_status append(const cvy_findings *f, cvy_tables *tables, size_t which,
                         cvy_status (*make)(const cvy_findings *, size_t, cvy_table *))
{
    if (tables->count == CVY_TABLES_MAX)
        return CVY_OK;
    const cvy_status status = make(f, which, &tables->tables[tables->count]);
    tables->count += status == CVY_OK;
    return status;
}

cvy_status cvy_tables_make(const cvy_findings *f, cvy_tables *tables)
{
    const cvy_study *c = f->study;
    enum { OTHERS = 8 };

    *tables = (cvy_tables){ 0 };
    cvy_status status = append(f, tables, 0, make_ranking);
    for (size_t i = 0; status == CVY_OK && i < c->target_count && i < CVY_TABLES_MAX - OTHERS; i++)
        status = append(f, tables, i, make_target);
    if (status == CVY_OK && f->pair_count > 0)
        status = append(f, tables, 0, make_pairs);
    if (status == CVY_OK && c->target_count > 0 && c->compared_count > 1)
        status = append(f, tables, 0, make_profile);
    if (status == CVY_OK && f->standing_count > c->compared_count)
        status = add_table(f, tables, cvy_table_of_tuning);
    if (status == CVY_OK && cvy_table_has_protocol(f))
        status = add_table(f, tables, cvy_table_of_protocol);
    if (status == CVY_OK)
        status = append(f, tables, 0, make_costs);
    if (status == CVY_OK && cvy_table_has_inside(f))
        status = add_table(f, tables, cvy_table_of_inside);
    if (status == CVY_OK)
        status = add_table(f, tables, cvy_table_of_setup);
    if (status != CVY_OK)
        cvy_tables_release(tables);
    return status;
}

void cvy_tables_release(cvy_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        cvy_table_release(&tables->tables[i]);
    tables->count = 0;
}
