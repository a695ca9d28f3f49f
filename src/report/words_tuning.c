/* What tuning brought, and who would have been how fast without it. */
#include <math.h>

#include "report/words.h"

enum { NAMED_MAX = 8 };

static const char *label_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].label;
}

static double median_of(const cvy_findings *f, size_t standing)
{
    return f->standings[standing].final[f->metric].median;
}

/* By how much an untuned one is worse than what tuning made of it; NaN where one of them diverged. */
static double gain_of(const cvy_findings *f, size_t untuned)
{
    const double sign = cvy_metric_rises(f->metric) ? 1 : -1;
    const double gain =
        sign * (median_of(f, f->study->configurations[untuned].base) - median_of(f, untuned));
    return isfinite(gain) ? gain : NAN;
}

static void say_gain(FILE *file, const cvy_findings *f, size_t untuned)
{
    const size_t base = f->study->configurations[untuned].base;
    char before[CVY_FIGURE_BYTES], after[CVY_FIGURE_BYTES];

    fprintf(file, "%s (%s as it comes, %s tuned)", label_of(f, base),
            cvy_metric_print(f->metric, median_of(f, untuned), before),
            cvy_metric_print(f->metric, median_of(f, base), after));
}

static void say_gains(FILE *file, const cvy_findings *f)
{
    const size_t none = f->standing_count;
    size_t most = none, least = none;

    for (size_t k = f->study->compared_count; k < none; k++) {
        if (isnan(gain_of(f, k)))
            continue;
        if (most == none || gain_of(f, k) > gain_of(f, most))
            most = k;
        if (least == none || gain_of(f, k) < gain_of(f, least))
            least = k;
    }
    if (most == none)
        return;
    fputs(least == most ? " Tuning: " : " Tuning brought most to ", file);
    say_gain(file, f, most);
    if (least != most) {
        fputs(", least to ", file);
        say_gain(file, f, least);
    }
    fputc('.', file);
}

/* The untuned one that comes next behind `before` others, by median steps; those that are equal in
 * their order. */
static size_t next_fastest(const cvy_findings *f, const cvy_hits *hits, size_t before)
{
    for (size_t k = f->study->compared_count; k < f->standing_count; k++) {
        size_t faster = 0;
        for (size_t other = f->study->compared_count; other < f->standing_count; other++)
            faster += hits[other].steps.median < hits[k].steps.median ||
                      (hits[other].steps.median == hits[k].steps.median && other < k);
        if (faster == before)
            return k;
    }
    return f->standing_count;
}

static void say_untuned_hit(FILE *file, const char *label, const cvy_hits *hits)
{
    if (isfinite(hits->steps.median))
        fprintf(file, "%s in %.10g steps", label, hits->steps.median);
    else if (hits->reached > 0)
        fprintf(file, "%s in %zu of %zu runs only", label, hits->reached, hits->of);
    else
        fprintf(file, "%s never", label);
}

/* Who comes how soon to the first target as it comes. */
static void say_untuned_target(FILE *file, const cvy_findings *f)
{
    const cvy_study *c = f->study;
    const size_t count = f->standing_count - c->compared_count;
    char value[CVY_FIGURE_BYTES];

    if (count < 2 || c->target_count == 0 || !isfinite(c->targets[0].value) ||
        f->hits[next_fastest(f, f->hits, 0)].reached == 0)
        return;
    fprintf(file, " As they come, to %s of %s: ",
            cvy_metric_print(c->targets[0].metric, c->targets[0].value, value),
            cvy_metric_titles[c->targets[0].metric]);
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        const size_t k = next_fastest(f, f->hits, i);
        fputs(i > 0 ? ", " : "", file);
        say_untuned_hit(file, label_of(f, c->configurations[k].base), &f->hits[k]);
    }
    fputs(count > NAMED_MAX ? ", others later or never." : ".", file);
}

static void say_edges(FILE *file, const cvy_findings *f)
{
    const cvy_tuning *tuning = &f->study->tuning;

    for (size_t c = 0; c < f->study->compared_count; c++)
        for (size_t k = 0; k < tuning->key_count; k++)
            if (f->study->configurations[c].is_on_edge[k])
                fprintf(file,
                        " The best %s of %s lies on the edge of what was tried: widen the range.",
                        tuning->keys[k].name, label_of(f, c));
}

void cvy_words_tuning(FILE *file, const cvy_findings *f)
{
    say_gains(file, f);
    say_untuned_target(file, f);
    say_edges(file, f);
}
