/* What learning rates do, what more trials bring, and the performance profile. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "report/chart.h"
#include "report/figure_work.h"

enum { HEIGHT = 400, PROFILE_POINTS = 121 };

static const double top = 0.9, bottom = 0.15;

/* A line of a chart, as its blocks are written. */
typedef struct {
    const char *label;
    double last;
    bool is_there;
} line;

typedef struct {
    double x_min, x_max, y_min, y_max;
    line lines[CVY_COLORS];
} lines;

static void widen(lines *l, double x, double y)
{
    if (isfinite(x)) {
        l->x_min = fmin(l->x_min, x);
        l->x_max = fmax(l->x_max, x);
    }
    if (isfinite(y)) {
        l->y_min = fmin(l->y_min, y);
        l->y_max = fmax(l->y_max, y);
    }
}

static lines no_lines(const cvy_findings *f)
{
    lines l = { INFINITY, -INFINITY, INFINITY, -INFINITY, { { 0 } } };
    for (size_t r = 0; r < f->campaign->compared_count && r < CVY_COLORS; r++)
        l.lines[r] = (line){ .label = f->campaign->contestants[f->order[r]].label, .last = NAN };
    return l;
}

/* x in column 2, y in column 3; column 4 is 1 for what diverged. */
static cvy_status write_lines(const cvy_findings *f, const char *folder, const cvy_figure *figure,
                              lines *l, const cvy_chart_axis *x, const cvy_chart_axis *y,
                              const char *x_label)
{
    cvy_chart_end ends[CVY_COLORS];
    char script[80];
    size_t count = 0, seen = 0;
    cvy_pen pen;
    snprintf(script, sizeof script, "%s.gp", figure->name);
    cvy_status status = cvy_pen_open(&pen, folder, script);
    if (status != CVY_OK)
        return status;

    cvy_chart_begin(pen.file, figure->name, figure->title, HEIGHT);
    fprintf(pen.file,
            "set lmargin at screen 0.125\nset rmargin at screen 0.68\nset tmargin at screen %.3f\n"
            "set bmargin at screen %.3f\nset xlabel '%s' noenhanced offset 0,0.3\n",
            top, bottom, x_label);
    cvy_chart_axis_print(pen.file, "x", x);
    cvy_chart_axis_print(pen.file, "y", y);
    for (size_t r = 0; r < f->campaign->compared_count && r < CVY_COLORS; r++)
        if (l->lines[r].is_there)
            ends[count++] = (cvy_chart_end){ l->lines[r].label, cvy_colors[r],
                                             isfinite(l->lines[r].last)
                                                 ? cvy_chart_axis_place(y, l->lines[r].last)
                                                 : NAN };
    cvy_chart_ends_print(pen.file, ends, count, (top - bottom) * HEIGHT);
    fputs("plot \\\n", pen.file);
    for (size_t r = 0; r < f->campaign->compared_count && r < CVY_COLORS; r++) {
        if (!l->lines[r].is_there)
            continue;
        fprintf(pen.file, "  '%s' skip 1 index %zu using ", figure->data, r);
        cvy_chart_column(pen.file, x, 2);
        fputc(':', pen.file);
        cvy_chart_column(pen.file, y, 3);
        fprintf(pen.file,
                " with linespoints pointtype 7 pointsize 0.4 linewidth 2 linecolor rgb '%s', \\\n",
                cvy_colors[r]);
        fprintf(pen.file, "  '%s' skip 1 index %zu using ($4 > 0 ? ", figure->data, r);
        cvy_chart_column(pen.file, x, 2);
        fprintf(pen.file,
                " : NaN):(%.9g) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb "
                "'%s'%s\n",
                y->min + (0.04 + 0.03 * (double)r) * (y->max - y->min), cvy_colors[r],
                ++seen < count ? ", \\" : "");
    }
    return cvy_pen_close(&pen);
}

static double resolution_of(const cvy_campaign *c)
{
    const size_t images =
        c->sheet.validation_count > 0 ? c->sheet.validation_count : c->sheet.train_count;
    return 0.5 / (double)(images > 0 ? images : 1);
}

static cvy_chart_axis metric_axis(const cvy_findings *f, const lines *l)
{
    return cvy_chart_axis_plan(cvy_metric_rises(f->metric) ? CVY_SCALE_SHARE
                               : l->y_min > 0              ? CVY_SCALE_LOG
                                                           : CVY_SCALE_LINEAR,
                               l->y_min, l->y_max, resolution_of(f->campaign));
}

/* The trial number `i` of a contestant, or NULL. */
static const cvy_contestant *trial_of(const cvy_campaign *c, size_t base, size_t i)
{
    for (size_t k = 0; k < c->contestant_count; k++)
        if (c->contestants[k].role == CVY_ROLE_TRIAL && c->contestants[k].base == base && i-- == 0)
            return &c->contestants[k];
    return NULL;
}

/* A value of a key, and the best that a trial with it came to, whatever other keys were. */
typedef struct {
    double x, y;
} sample;

static bool is_better(const cvy_findings *f, double a, double b)
{
    return cvy_metric_rises(f->metric) ? a > b : a < b;
}

/* The samples of a contestant, in the order of x; returns how many. */
static size_t gather_samples(const cvy_findings *f, size_t contestant, size_t key, sample *samples)
{
    const cvy_campaign *c = f->campaign;
    const cvy_contestant *trial;
    size_t count = 0;

    for (size_t i = 0; (trial = trial_of(c, contestant, i)) != NULL; i++) {
        const double x = trial->tuned_values[key],
                     y = cvy_final_value(&c->runs[trial->first_run], f->metric);
        size_t place = 0;
        if (isnan(x))
            continue;
        while (place < count && samples[place].x < x)
            place++;
        if (place < count && samples[place].x == x) {
            if (is_better(f, y, samples[place].y))
                samples[place].y = y;
            continue;
        }
        memmove(&samples[place + 1], &samples[place], (count++ - place) * sizeof *samples);
        samples[place] = (sample){ .x = x, .y = y };
    }
    return count;
}

static cvy_status write_samples(const cvy_findings *f, const char *folder, const char *name,
                                size_t key, lines *l)
{
    const cvy_campaign *c = f->campaign;
    sample *samples;
    cvy_pen pen;
    cvy_status status = cvy_memory_create(c->contestant_count, sizeof *samples, &samples);
    if (status == CVY_OK)
        status = cvy_pen_open(&pen, folder, name);
    if (status != CVY_OK) {
        cvy_memory_free(samples);
        return status;
    }
    fprintf(pen.file, "contestant,%s,%s,diverged\n", c->tuning.keys[key].name,
            cvy_metric_names[f->metric]);
    for (size_t r = 0; r < c->compared_count && r < CVY_COLORS; r++) {
        const size_t count = gather_samples(f, f->order[r], key, samples);
        for (size_t i = 0; i < count; i++) {
            cvy_csv_text(pen.file, l->lines[r].label);
            fprintf(pen.file, "%.9g,", samples[i].x);
            cvy_csv_number(pen.file, samples[i].y);
            fprintf(pen.file, "%d\n", !isfinite(samples[i].y));
            widen(l, samples[i].x, samples[i].y);
            l->lines[r].is_there = true;
            if (isfinite(samples[i].y))
                l->lines[r].last = samples[i].y;
        }
        if (count == 0)
            fputs(",,,\n", pen.file);
        fputs("\n\n", pen.file);
    }
    cvy_memory_free(samples);
    return cvy_pen_close(&pen);
}

static cvy_status draw_sensitivity(const cvy_findings *f, size_t key, const char *folder,
                                   cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    const char *key_name = c->tuning.keys[key].name;
    char name[CVY_NAME_BYTES] = "sensitivity", data[CVY_NAME_BYTES];
    lines l = no_lines(f);

    if (c->tuning.key_count > 1)
        snprintf(name, sizeof name, "sensitivity-%.40s", key_name);
    snprintf(data, sizeof data, "%.58s.csv", name);
    cvy_status status = write_samples(f, folder, data, key, &l);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.x_min > 0 && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, data, name, "%c%s by %s%s: n = 1 seed, × diverged",
        cvy_metric_titles[f->metric][0] - 'a' + 'A', cvy_metric_titles[f->metric] + 1, key_name,
        c->tuning.key_count > 1 ? ", best of the other keys" : "");
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LOG, l.x_min, l.x_max, 0),
                         y = metric_axis(f, &l);
    return figure != NULL ? write_lines(f, folder, figure, &l, &x, &y, key_name) : CVY_OK;
}

static void write_budget(FILE *file, const cvy_findings *f, size_t r, double *values, lines *l)
{
    const cvy_campaign *c = f->campaign;
    const cvy_contestant *trial;
    const double sign = cvy_metric_rises(f->metric) ? -1 : 1;
    size_t count = 0;

    for (size_t i = 0; (trial = trial_of(c, f->order[r], i)) != NULL; i++) {
        const double value = cvy_final_value(&c->runs[trial->first_run], f->metric);
        values[count++] = value == -INFINITY ? 0 : sign * value; /* of a diverged one: 0 % */
    }
    cvy_sort(values, count);
    for (size_t budget = 1; budget <= count; budget++) {
        const double value = sign * cvy_expected_least(values, count, budget);
        cvy_csv_text(file, l->lines[r].label);
        fprintf(file, "%zu,", budget);
        cvy_csv_number(file, value);
        fputs("0\n", file);
        widen(l, (double)budget, value);
        l->lines[r].is_there = true;
        l->lines[r].last = value;
    }
    if (count == 0)
        fputs(",,,\n", file);
    fputs("\n\n", file);
}

static cvy_status draw_budget(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    lines l = no_lines(f);
    double *values;
    cvy_pen pen;
    cvy_status status = cvy_memory_create(c->contestant_count, sizeof *values, &values);
    if (status == CVY_OK)
        status = cvy_pen_open(&pen, folder, "budget.csv");
    if (status == CVY_OK) {
        fprintf(pen.file, "contestant,trials,expected_best_%s,diverged\n",
                cvy_metric_names[f->metric]);
        for (size_t r = 0; r < c->compared_count && r < CVY_COLORS; r++)
            write_budget(pen.file, f, r, values, &l);
        status = cvy_pen_close(&pen);
    }
    cvy_memory_free(values);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure =
        cvy_figures_add(figures, "budget.csv", "budget",
                        "Mean best %s of so many trials: n = 1 seed", cvy_metric_titles[f->metric]);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, l.x_min, l.x_max, 0),
                         y = metric_axis(f, &l);
    return figure != NULL ? write_lines(f, folder, figure, &l, &x, &y, "trials") : CVY_OK;
}

cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    const size_t problems = f->problem_count, solvers = c->compared_count;
    lines l = no_lines(f);
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "profile.csv");
    if (status != CVY_OK)
        return status;

    fputs("contestant,tau,share,diverged\n", pen.file);
    for (size_t r = 0; r < solvers && r < CVY_COLORS; r++) {
        for (size_t i = 0; i < PROFILE_POINTS; i++) {
            const double tau = 1 + 3.0 * (double)i / (PROFILE_POINTS - 1);
            const double share = cvy_profile_at(f->ratios, problems, solvers, f->order[r], tau);
            cvy_csv_text(pen.file, l.lines[r].label);
            fprintf(pen.file, "%.9g,%.9g,0\n", tau, share);
            l.lines[r].last = share;
        }
        l.lines[r].is_there = true;
        fputs("\n\n", pen.file);
    }
    status = cvy_pen_close(&pen);
    if (status != CVY_OK)
        return status;
    const cvy_figure *figure =
        cvy_figures_add(figures, "profile.csv", "profile",
                        "Share solved within so many times the least steps, n = %zu", problems);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 1, 4, 0),
                         y = { .scale = CVY_SCALE_LINEAR, .min = 0, .max = 1.02 };
    return figure != NULL ? write_lines(f, folder, figure, &l, &x, &y, "times the least steps")
                          : CVY_OK;
}

cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < c->tuning.key_count; k++)
        status = draw_sensitivity(f, k, folder, figures);
    if (status == CVY_OK && c->tuning.key_count > 0)
        status = draw_budget(f, folder, figures);
    if (status == CVY_OK && c->target_count > 0 && c->compared_count > 1)
        status = cvy_figures_of_profile(f, folder, figures);
    return status;
}
