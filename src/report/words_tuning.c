/* Report the gain of tuning, the configurations not tuned, and the speed of each before tuning. */
#include <math.h>

#include "report/words.h"

enum { NAMED_MAX = 8 };

static double median_of(const cvy_findings *f, size_t standing)
{
    return f->standings[standing].final[f->metric].median;
}

/* How much worse an untuned configuration is than the tuned one; NaN if one of them diverged. */
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

    cvy_words_name(file, f, base);
    fprintf(file, " (untuned %s, tuned %s)",
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
    const bool is_gain = gain_of(f, most) > 0, is_loss = gain_of(f, least) <= 0;
    if (!is_gain) {
        fputs(" By the medians, tuning improved no configuration; nearest to it is ", file);
        say_gain(file, f, most);
    } else {
        fputs(" By the medians, tuning improved ", file);
        fputs(least == most ? "" : "most ", file);
        say_gain(file, f, most);
        if (least != most) {
            fputs(is_loss ? ", but not " : ", and least ", file);
            say_gain(file, f, least);
        }
    }
    fputc('.', file);
}

/* The untuned configuration preceded by `before` others in median steps; ties keep their order. */
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

static size_t count_unreached(const cvy_findings *f)
{
    size_t count = 0;
    for (size_t k = f->study->compared_count; k < f->standing_count; k++)
        count += !isfinite(f->hits[k].steps.median);
    return count;
}

/* Report how soon each untuned configuration reaches the first target. */
static void say_untuned_target(FILE *file, const cvy_findings *f)
{
    const cvy_study *c = f->study;
    const size_t count = f->standing_count - c->compared_count;
    size_t said = 0;
    char value[CVY_FIGURE_BYTES];

    if (count < 2 || c->target_count == 0 || !isfinite(c->targets[0].value) ||
        f->hits[next_fastest(f, f->hits, 0)].reached == 0)
        return;
    fprintf(file, " Without tuning, median steps to %s %s: ",
            cvy_metric_print(c->targets[0].metric, c->targets[0].value, value),
            cvy_metric_titles[c->targets[0].metric]);
    for (; said < count && said < NAMED_MAX; said++) {
        const size_t k = next_fastest(f, f->hits, said);
        if (!isfinite(f->hits[k].steps.median))
            break;
        fputs(said > 0 ? ", " : "", file);
        cvy_words_name(file, f, k);
        fprintf(file, " %.10g", f->hits[k].steps.median);
    }
    if (said < count)
        fprintf(file, "%s%zu of %zu reached it in at most half of %s runs", said > 0 ? "; " : "",
                count_unreached(f), count, count_unreached(f) == 1 ? "its" : "their");
    fputc('.', file);
}

static void say_edges_of(FILE *file, const cvy_findings *f, size_t key)
{
    const cvy_configuration *configurations = f->study->configurations;
    const size_t count = f->study->compared_count;
    size_t total = 0, said = 0;

    for (size_t c = 0; c < count; c++)
        total += configurations[c].is_on_edge[key];
    if (total == 0)
        return;
    fprintf(file, " The best %s of ", f->study->tuning.keys[key].name);
    if (total > NAMED_MAX)
        fprintf(file, "%zu of %zu configurations", total, count);
    for (size_t c = 0; c < count && total <= NAMED_MAX; c++)
        if (configurations[c].is_on_edge[key]) {
            said++;
            fputs(said == 1 ? "" : said == total ? " and " : ", ", file);
            cvy_words_name(file, f, c);
        }
    fputs(" is at the edge of the range that was tried; widen the range.", file);
}

static void say_edges(FILE *file, const cvy_findings *f)
{
    for (size_t k = 0; k < f->study->tuning.key_count; k++)
        say_edges_of(file, f, k);
}

/* Name those compared without tuning, either for want of trials or because all trials diverged. */
static void say_untuned(FILE *file, const cvy_findings *f, bool had_trials, const char *words)
{
    const cvy_study *c = f->study;
    size_t said = 0;

    for (size_t k = 0; k < c->compared_count; k++)
        if (!c->configurations[k].is_tuned && (cvy_study_trials(c, k) > 0) == had_trials) {
            fputs(said++ > 0 ? ", " : words, file);
            cvy_words_name(file, f, k);
        }
    if (said > 0)
        fputc('.', file);
}

/* Name configurations compared without tuning although others were tuned. */
static void say_not_tuned(FILE *file, const cvy_findings *f)
{
    if (f->study->tuning.key_count == 0)
        return;
    say_untuned(file, f, false, " Not tuned, for lack of the tuned settings: ");
    say_untuned(file, f, true, " Not tuned, because all trials diverged: ");
}

void cvy_words_tuning(FILE *file, const cvy_findings *f)
{
    say_not_tuned(file, f);
    say_gains(file, f);
    say_untuned_target(file, f);
    say_edges(file, f);
}
