/* What a comparison comes to, in plain words. Every sentence is drawn from the numbers. */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charts/table.h"

static const char *label_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].label;
}

/* What stands before the name number `said` of `total`. */
static const char *comma(size_t said, size_t total)
{
    return said == 1 ? "" : said == total ? " and " : ", ";
}

/* "a, b and c" of the compared configurations that `fits`; returns how many. */
static size_t say_those(FILE *file, const cvy_findings *f,
                        bool (*fits)(const cvy_findings *, size_t rank))
{
    size_t total = 0, said = 0;

    for (size_t r = 0; r < f->study->compared_count; r++)
        total += fits(f, r);
    for (size_t r = 0; r < f->study->compared_count; r++)
        if (fits(f, r)) {
            fprintf(file, "%s%s", comma(++said, total), label_of(f, f->order[r]));
        }
    return total;
}

static bool is_alike(const cvy_findings *f, size_t rank)
{
    return rank > 0 && !cvy_standing_is_lost(&f->standings[f->order[rank]]) &&
           !cvy_findings_pair(f, rank)->is_distinguishable;
}

static bool is_behind(const cvy_findings *f, size_t rank)
{
    return rank > 0 && !cvy_standing_is_lost(&f->standings[f->order[rank]]) &&
           cvy_findings_pair(f, rank)->is_distinguishable;
}

static size_t count_those(const cvy_findings *f, bool (*fits)(const cvy_findings *, size_t rank))
{
    size_t total = 0;
    for (size_t r = 0; r < f->study->compared_count; r++)
        total += fits(f, r);
    return total;
}

/* Pairs without the best one that cannot be told apart either. */
static void say_pairs(FILE *file, const cvy_findings *f)
{
    enum { NAMED_MAX = 6 };
    size_t total = 0, said = 0;

    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = f->study->compared_count - 1; i < f->pair_count; i++) {
            const cvy_pair *pair = &f->pairs[i];
            if (f->test == CVY_TEST_NONE || pair->is_distinguishable || cvy_pair_is_lost(f, pair))
                continue;
            if (pass == 0)
                total++;
            else if (total <= NAMED_MAX)
                fprintf(file, "%s%s and %s",
                        ++said == 1 ? " Nor are these distinguishable from each other: " : ", ",
                        label_of(f, pair->first), label_of(f, pair->second));
        }
    if (said > 0)
        fputc('.', file);
    else if (total > 0)
        fprintf(file, " Nor can %zu of the other pairs be told apart.", total);
}

static bool are_all_alike(const cvy_findings *f)
{
    for (size_t i = 0; i < f->pair_count; i++)
        if (f->pairs[i].is_distinguishable && !cvy_pair_is_lost(f, &f->pairs[i]))
            return false;
    return true;
}

static void say_ranking(FILE *file, const cvy_findings *f)
{
    const cvy_study *c = f->study;
    const cvy_standing *best = &f->standings[f->order[0]];
    char value[CVY_FIGURE_BYTES];

    if (cvy_standing_is_lost(best)) {
        fprintf(file, "All runs diverged: try lower learning rates.");
        return;
    }
    fprintf(file,
            "After %zu epoch%s of %s on %s the best median %s over %zu seed%s is that of %s: %s.",
            c->setup.epochs, cvy_plural(c->setup.epochs), c->setup.model_name, c->setup.data_name,
            cvy_metric_titles[f->metric], c->seed_count, cvy_plural(c->seed_count),
            label_of(f, f->order[0]),
            cvy_metric_print(f->metric, best->final[f->metric].median, value));
    if (f->test == CVY_TEST_NONE && f->study->compared_count > 1) {
        fprintf(file, " Fewer than %d seeds are too few to tell anybody apart.", CVY_TESTED_SEEDS);
        return;
    }
    if (f->alive_count > 2 && are_all_alike(f)) {
        fprintf(file, " No two of the %zu %scan be told apart.", f->alive_count,
                f->alive_count < c->compared_count ? "that did not diverge " : "");
        return;
    }
    if (count_those(f, is_alike) > 0) {
        fprintf(file, " Not distinguishable from it: ");
        say_those(file, f, is_alike);
        fputc('.', file);
    }
    if (count_those(f, is_behind) > 0) {
        fprintf(file, " Behind it by more than chance explains: ");
        say_those(file, f, is_behind);
        fputc('.', file);
    }
    say_pairs(file, f);
}

/* "a and b, in 100 steps (median)": all that came there in so many steps. */
static void say_fastest(FILE *file, const cvy_findings *f, const cvy_hits *hits, double steps)
{
    size_t total = 0, said = 0, misses = 0;

    for (size_t k = 0; k < f->study->compared_count; k++)
        if (hits[k].steps.median == steps) {
            total++;
            misses += hits[k].of - hits[k].reached;
        }
    for (size_t r = 0; r < f->study->compared_count; r++)
        if (hits[f->order[r]].steps.median == steps)
            fprintf(file, "%s%s", comma(++said, total), label_of(f, f->order[r]));
    fprintf(file, ", in %.10g steps (median", steps);
    if (misses > 0)
        fprintf(file, "; %zu run%s missed it", misses, cvy_plural(misses));
    fputs(").", file);
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
        fprintf(file, " Nobody reached %s of %s.", value,
                cvy_metric_titles[c->targets[target].metric]);
        return;
    }
    if (isfinite(hits[first].steps.median)) {
        fprintf(file, " Fastest to %s of %s: ", value,
                cvy_metric_titles[c->targets[target].metric]);
        say_fastest(file, f, hits, hits[first].steps.median);
    } else {
        fprintf(file, " No configuration brought more than half of its runs to %s of %s.", value,
                cvy_metric_titles[c->targets[target].metric]);
    }
    if (missed > 0)
        fprintf(file, " %zu of %zu configurations never got there.", missed, c->compared_count);
}

static void say_diverged(FILE *file, const cvy_findings *f)
{
    for (size_t r = 0; r < f->study->compared_count; r++) {
        const cvy_standing *s = &f->standings[f->order[r]];
        if (s->diverged > 0)
            fprintf(file, " %s diverged in %zu of %zu runs: its steps are too large.",
                    label_of(f, f->order[r]), s->diverged, s->runs);
    }
}

static void say_cost(FILE *file, const cvy_findings *f)
{
    size_t dearest = 0;

    for (size_t k = 1; k < f->study->compared_count; k++)
        if (f->standings[k].cost > f->standings[dearest].cost)
            dearest = k;
    if (f->standings[dearest].is_dearer && f->standings[dearest].cost > 1.05)
        fprintf(file, " The dearest step is that of %s: %.2f times plain SGD's.",
                label_of(f, dearest), f->standings[dearest].cost);
}

cvy_status cvy_words_make(const cvy_findings *f, char **text)
{
    size_t bytes = 0;
    FILE *file = open_memstream(text, &bytes);

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
