/* The findings of a comparison in plain words. Each sentence follows from the numbers and respects
 * the tests. */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "base/text_stream.h"
#include "charts/table.h"

enum { NAMED_MAX = 8 }; /* names in a list */

static const char *label_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].label;
}

/* The separator before name number `said` of `total`. */
static const char *comma(size_t said, size_t total)
{
    return said == 1 ? "" : said == total ? " and " : ", ";
}

void cvy_words_name(FILE *file, const cvy_findings *f, size_t configuration)
{
    const char *label = label_of(f, configuration);
    const bool is_quoted = strchr(label, ',') != NULL;

    fprintf(file, "%s%s%s", is_quoted ? "“" : "", label, is_quoted ? "”" : "");
}

static size_t count_those(const cvy_findings *f, bool (*fits)(const cvy_findings *, size_t rank))
{
    size_t total = 0;
    for (size_t r = 0; r < f->study->compared_count; r++)
        total += fits(f, r);
    return total;
}

/* Print the compared configurations for which `fits` holds: "a, b and c", or the number of many,
 * which the ranking names. */
static void say_those(FILE *file, const cvy_findings *f,
                      bool (*fits)(const cvy_findings *, size_t rank))
{
    const size_t total = count_those(f, fits);
    size_t said = 0;

    if (total > NAMED_MAX) {
        fprintf(file, "%zu of the others", total);
        return;
    }
    for (size_t r = 0; r < f->study->compared_count; r++)
        if (fits(f, r)) {
            fputs(comma(++said, total), file);
            cvy_words_name(file, f, f->order[r]);
        }
}

/* Whether a configuration has a verdict against the baseline, or else the best one. */
static bool has_verdict(const cvy_findings *f, size_t rank, const char *verdict)
{
    return strcmp(cvy_findings_verdict(f, f->order[rank]), verdict) == 0;
}

static bool is_alike(const cvy_findings *f, size_t rank)
{
    return has_verdict(f, rank, "no significant difference");
}

static bool is_equivalent(const cvy_findings *f, size_t rank)
{
    return has_verdict(f, rank, "equivalent");
}

static bool is_better(const cvy_findings *f, size_t rank)
{
    return has_verdict(f, rank, "better");
}

static bool is_worse(const cvy_findings *f, size_t rank)
{
    return has_verdict(f, rank, "worse");
}

static bool is_first(const cvy_findings *f, size_t rank)
{
    return cvy_findings_rank(f, f->order[rank]) == 0;
}

static void say_pair(FILE *file, const cvy_findings *f, const cvy_pair *pair, const char *before)
{
    fputs(before, file);
    cvy_words_name(file, f, pair->first);
    fputs(" and ", file);
    cvy_words_name(file, f, pair->second);
}

/* Name pairs without the best one that do not differ significantly either. */
static void say_pairs(FILE *file, const cvy_findings *f)
{
    size_t total = 0, said = 0;

    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = f->study->compared_count - 1; i < f->pair_count; i++) {
            const cvy_pair *pair = &f->pairs[i];
            if (f->test == CVY_TEST_NONE || !pair->is_planned || pair->is_distinguishable ||
                cvy_pair_is_lost(f, pair))
                continue;
            if (pass == 0)
                total++;
            else if (total <= NAMED_MAX)
                say_pair(file, f, pair,
                         ++said == 1 ? " Nor do these pairs differ significantly: " : ", ");
        }
    if (said > 0)
        fputc('.', file);
    else if (total > 0)
        fprintf(file, " Nor do %zu of the other pairs differ significantly.", total);
}

static bool are_all_alike(const cvy_findings *f)
{
    for (size_t i = 0; i < f->pair_count; i++)
        if (f->pairs[i].is_distinguishable && !cvy_pair_is_lost(f, &f->pairs[i]))
            return false;
    return true;
}

/* " points" of an accuracy, whose margin is in percentage points. */
static const char *margin_unit(const cvy_findings *f)
{
    if (!cvy_metric_rises(f->metric))
        return "";
    return f->study->hypotheses.margin == 1 ? " point" : " points";
}

/* Which pairs are the same within the margin, of all that are tested. */
static void say_equivalence(FILE *file, const cvy_findings *f)
{
    const double margin = f->study->hypotheses.margin;
    size_t total = 0, said = 0;

    if (!(margin > 0) || f->tested_count == 0)
        return;
    for (size_t i = 0; i < f->pair_count; i++)
        total += f->pairs[i].is_equivalent;
    if (total == 0) {
        fprintf(file, " No two are shown to be the same within %g%s.", margin, margin_unit(f));
        return;
    }
    fprintf(file, " The same within %g%s: ", margin, margin_unit(f));
    if (total == f->tested_count && total > 1)
        fprintf(file, "all %zu pairs", total);
    else if (total > NAMED_MAX)
        fprintf(file, "%zu of %zu pairs", total, f->tested_count);
    else
        for (size_t i = 0; i < f->pair_count; i++)
            if (f->pairs[i].is_equivalent)
                say_pair(file, f, &f->pairs[i], said++ > 0 ? ", " : "");
    fputc('.', file);
}

/* Print verdicts compared with `reference`: "significantly better: a; not significantly different:
 * b and c." */
static void say_verdicts(FILE *file, const cvy_findings *f, const char *reference)
{
    static const struct {
        bool (*fits)(const cvy_findings *, size_t rank);
        const char *words;
    } parts[] = { { is_better, "significantly better" },
                  { is_alike, "not significantly different" },
                  { is_equivalent, "equivalent" },
                  { is_worse, "significantly worse" } };
    size_t said = 0;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (count_those(f, parts[i].fits) == 0)
            continue;
        if (said++ == 0)
            fprintf(file, " Compared with %s, ", reference);
        else
            fputs("; ", file);
        fprintf(file, "%s: ", parts[i].words);
        say_those(file, f, parts[i].fits);
    }
    if (said > 0)
        fputc('.', file);
}

/* Report the only difference that is tested. */
static void say_planned_pair(FILE *file, const cvy_findings *f)
{
    const cvy_hypotheses *h = &f->study->hypotheses;
    const cvy_pair *pair = cvy_findings_pair_of(f, h->first, h->second);

    if (cvy_pair_is_lost(f, pair))
        return;
    fprintf(file, " The planned comparison: %s %s %s (p = %.2g).", label_of(f, pair->first),
            pair->is_distinguishable ? "is significantly better than"
                                     : "does not differ significantly from",
            label_of(f, pair->second), pair->p);
    say_equivalence(file, f);
}

static void say_tests(FILE *file, const cvy_findings *f)
{
    const cvy_hypotheses *h = &f->study->hypotheses;

    if (h->tests == CVY_TESTS_PAIR) {
        say_planned_pair(file, f);
        return;
    }
    if (h->tests == CVY_TESTS_BASELINE && cvy_standing_is_lost(&f->standings[h->first])) {
        fprintf(file, " All runs of the baseline (%.120s) diverged, so nothing is tested.",
                label_of(f, h->first));
        return;
    }
    if (h->tests == CVY_TESTS_BASELINE) {
        char baseline[160];
        snprintf(baseline, sizeof baseline, "the baseline (%.120s)", label_of(f, h->first));
        say_verdicts(file, f, baseline);
        say_equivalence(file, f);
        return;
    }
    if (f->alive_count > 2 && are_all_alike(f)) {
        fprintf(file, " No two of the %zu configurations %sdiffer significantly.", f->alive_count,
                f->alive_count < f->study->compared_count ? "that did not diverge " : "");
    } else {
        say_verdicts(file, f, count_those(f, is_first) > 1 ? label_of(f, f->order[0]) : "it");
        say_pairs(file, f);
    }
    say_equivalence(file, f);
}

static void say_ranking(FILE *file, const cvy_findings *f)
{
    const cvy_study *c = f->study;
    const cvy_standing *best = &f->standings[f->order[0]];
    char value[CVY_FIGURE_BYTES];

    if (cvy_standing_is_lost(best)) {
        fprintf(file, "All runs diverged; try lower learning rates.");
        return;
    }
    fprintf(file, "After %zu epoch%s of %s on %s, ", c->setup.epochs, cvy_plural(c->setup.epochs),
            c->setup.model_name, c->setup.data_name);
    const bool is_shared = count_those(f, is_first) > 1;
    if (is_shared && count_those(f, is_first) > NAMED_MAX)
        fprintf(file, "%zu configurations", count_those(f, is_first));
    else if (is_shared)
        say_those(file, f, is_first);
    else
        fputs(label_of(f, f->order[0]), file);
    fprintf(file, "%s the best median %s over %zu seed%s: %s.", is_shared ? " share" : " has",
            cvy_metric_titles[f->metric], c->seed_count, cvy_plural(c->seed_count),
            cvy_metric_print(f->metric, best->final[f->metric].median, value));
    if (f->test == CVY_TEST_NONE && f->study->compared_count > 1) {
        fprintf(file, " With fewer than %d seeds no difference is tested.", CVY_TESTED_SEEDS);
        return;
    }
    say_tests(file, f);
}

/* Print all that reached the target in the fewest steps: "a and b, in a median of 100 steps". */
static void say_fastest(FILE *file, const cvy_findings *f, const cvy_hits *hits, double steps)
{
    size_t total = 0, said = 0, misses = 0;

    for (size_t k = 0; k < f->study->compared_count; k++)
        if (hits[k].steps.median == steps) {
            total++;
            misses += hits[k].of - hits[k].reached;
        }
    if (total > NAMED_MAX)
        fprintf(file, "%zu configurations", total);
    for (size_t r = 0; r < f->study->compared_count && total <= NAMED_MAX; r++)
        if (hits[f->order[r]].steps.median == steps) {
            fputs(comma(++said, total), file);
            cvy_words_name(file, f, f->order[r]);
        }
    fprintf(file, ", in a median of %.10g steps", steps);
    if (misses > 0)
        fprintf(file, " (%zu run%s missed it)", misses, cvy_plural(misses));
    fputc('.', file);
}

static void say_target(FILE *file, const cvy_findings *f, size_t target)
{
    const cvy_study *c = f->study;
    const cvy_hits *hits = &f->hits[target * f->standing_count];
    size_t first = 0, missed = 0;
    char value[CVY_FIGURE_BYTES];

    for (size_t k = 0; k < c->compared_count; k++) {
        missed += hits[k].reached == 0;
        if (hits[k].steps.median < hits[first].steps.median)
            first = k;
    }
    cvy_metric_print(c->targets[target].metric, c->targets[target].value, value);
    if (missed == c->compared_count) {
        fprintf(file, " No configuration reached %s %s.", value,
                cvy_metric_titles[c->targets[target].metric]);
        return;
    }
    if (isfinite(hits[first].steps.median)) {
        fprintf(file, " Fastest to %s %s: ", value, cvy_metric_titles[c->targets[target].metric]);
        say_fastest(file, f, hits, hits[first].steps.median);
    } else {
        fprintf(file, " No configuration reached %s %s in more than half of its runs.", value,
                cvy_metric_titles[c->targets[target].metric]);
    }
    if (missed > 0)
        fprintf(file, " %zu of %zu configurations never reached it.", missed, c->compared_count);
}

static void say_diverged(FILE *file, const cvy_findings *f)
{
    size_t total = 0, said = 0;

    if (cvy_standing_is_lost(&f->standings[f->order[0]])) /* all of them: that is said first */
        return;
    for (size_t r = 0; r < f->study->compared_count; r++)
        total += f->standings[f->order[r]].diverged > 0;
    for (size_t r = 0; r < f->study->compared_count && total <= NAMED_MAX; r++) {
        const cvy_standing *s = &f->standings[f->order[r]];
        if (s->diverged == 0)
            continue;
        fputs(said == 0 ? " " : comma(said + 1, total), file);
        cvy_words_name(file, f, f->order[r]);
        fprintf(file, "%s in %zu of %zu run%s", said++ == 0 ? " diverged" : "", s->diverged,
                s->runs, cvy_plural(s->runs));
    }
    if (total > NAMED_MAX)
        fprintf(file, " %zu configurations diverged in some runs", total);
    if (total > 0)
        fputs("; a lower learning rate may help.", file);
}

/* Report only costs measured on a quiet machine whose interval is above plain SGD's. */
static void say_cost(FILE *file, const cvy_findings *f)
{
    size_t total = 0, said = 0;

    for (size_t k = 0; k < f->study->compared_count; k++)
        total += f->standings[k].is_dearer;
    for (size_t k = 0; k < f->study->compared_count; k++) {
        if (!f->standings[k].is_dearer)
            continue;
        const cvy_repeats *ratio = &f->study->costs[k].ratio;
        fprintf(file, "%s%s %.3g times (95 %% interval %.3g to %.3g)",
                said == 0 ? " Time of an update against plain SGD's: " : comma(said + 1, total),
                label_of(f, k), ratio->median, ratio->low, ratio->high);
        said++;
    }
    if (said > 0)
        fputc('.', file);
}

cvy_status cvy_words_make(const cvy_findings *f, char **text)
{
    size_t bytes = 0;
    FILE *file = cvy_text_stream_open(text, &bytes);

    if (file == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
    say_ranking(file, f);
    for (size_t t = 0; t < f->study->target_count; t++)
        if (isfinite(f->study->targets[t].value))
            say_target(file, f, t);
    say_diverged(file, f);
    cvy_words_explain(file, f);
    cvy_words_tuning(file, f);
    say_cost(file, f);
    const bool is_bad = ferror(file) != 0;
    if (fclose(file) == 0 && !is_bad)
        return CVY_OK;
    free(*text);
    return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
}
