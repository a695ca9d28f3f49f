/* The effect of learning rates, the benefit of more trials, and the performance profile. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "charts/chart.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"

enum { PROFILE_POINTS = 121 };

static cvy_lines no_lines(const cvy_findings *f)
{
    cvy_lines l = cvy_lines_none(f->study->compared_count);

    for (size_t r = 0; r < l.count; r++)
        l.lines[r].label = f->study->configurations[f->order[r]].label;
    return l;
}

/* The trial number `i` of a configuration, or NULL. */
static const cvy_configuration *trial_of(const cvy_study *c, size_t base, size_t i)
{
    for (size_t k = 0; k < c->configuration_count; k++)
        if (c->configurations[k].role == CVY_ROLE_TRIAL && c->configurations[k].base == base &&
            i-- == 0)
            return &c->configurations[k];
    return NULL;
}

/* A value of a key, and the best result of all trials with it. */
typedef struct {
    double x, y;
} sample;

static bool is_better(const cvy_findings *f, double a, double b)
{
    return cvy_metric_rises(f->metric) ? a > b : a < b;
}

/* Gather the samples of a configuration in the order of x; returns their number. */
static size_t gather_samples(const cvy_findings *f, size_t configuration, size_t key,
                             sample *samples)
{
    const cvy_study *c = f->study;
    const cvy_configuration *trial;
    size_t count = 0;

    for (size_t i = 0; (trial = trial_of(c, configuration, i)) != NULL; i++) {
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
                                size_t key, cvy_lines *l)
{
    const cvy_study *c = f->study;
    sample *samples;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(c->configuration_count, sizeof *samples, &samples);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, name);
    if (status != CVY_OK) {
        cvy_memory_free(samples);
        return status;
    }
    fprintf(out.file, "configuration,%s,%s,diverged\n", c->tuning.keys[key].name,
            cvy_metric_names[f->metric]);
    for (size_t r = 0; r < l->count; r++) {
        const size_t count = gather_samples(f, f->order[r], key, samples);
        for (size_t i = 0; i < count; i++) {
            cvy_csv_text(out.file, l->lines[r].label);
            fprintf(out.file, "%.9g,", samples[i].x);
            cvy_csv_number(out.file, samples[i].y);
            fprintf(out.file, "%d\n", !isfinite(samples[i].y));
            cvy_lines_widen(l, samples[i].x, samples[i].y);
            l->lines[r].is_there = true;
            if (isfinite(samples[i].y)) {
                l->lines[r].last = samples[i].y;
                l->lines[r].end = samples[i].x;
            }
        }
        if (count == 0)
            fputs(",,,\n", out.file);
        fputs("\n\n", out.file);
    }
    cvy_memory_free(samples);
    return cvy_report_file_close(&out);
}

static cvy_status draw_sensitivity(const cvy_findings *f, size_t key, const char *folder,
                                   cvy_figures *figures)
{
    const cvy_study *c = f->study;
    const char *key_name = c->tuning.keys[key].name;
    char name[CVY_NAME_BYTES] = "sensitivity", data[CVY_NAME_BYTES];
    cvy_lines l = no_lines(f);

    if (c->tuning.key_count > 1)
        snprintf(name, sizeof name, "sensitivity-%.40s", key_name);
    snprintf(data, sizeof data, "%.58s.csv", name);
    cvy_status status = write_samples(f, folder, data, key, &l);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.x_min > 0 && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, data, name, "%c%s by %s%s\nn = 1 seed a trial; × diverged",
        cvy_metric_titles[f->metric][0] - 'a' + 'A', cvy_metric_titles[f->metric] + 1, key_name,
        c->tuning.key_count > 1 ? ", best of the other keys" : "");
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LOG, l.x_min, l.x_max, 0),
                         y = cvy_lines_metric_axis(f, &l);
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, key_name) : CVY_OK;
}

static void write_budget(FILE *file, const cvy_findings *f, size_t r, double *values, cvy_lines *l)
{
    const cvy_study *c = f->study;
    const cvy_configuration *trial;
    const double sign = cvy_metric_rises(f->metric) ? -1 : 1;
    size_t count = 0;

    for (size_t i = 0; (trial = trial_of(c, f->order[r], i)) != NULL; i++) {
        const double value = cvy_final_value(&c->runs[trial->first_run], f->metric);
        values[count++] = value == -INFINITY ? 0 : sign * value; /* a diverged run: 0 % */
    }
    cvy_sort(values, count);
    for (size_t budget = 1; budget <= count; budget++) {
        const double value = sign * cvy_expected_least(values, count, budget);
        cvy_csv_text(file, l->lines[r].label);
        fprintf(file, "%zu,", budget);
        cvy_csv_number(file, value);
        fputs("0\n", file);
        cvy_lines_widen(l, (double)budget, value);
        l->lines[r].is_there = true;
        l->lines[r].last = value;
        l->lines[r].end = (double)budget;
    }
    if (count == 0)
        fputs(",,,\n", file);
    fputs("\n\n", file);
}

static cvy_status draw_budget(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    cvy_lines l = no_lines(f);
    double *values;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(c->configuration_count, sizeof *values, &values);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, "budget.csv");
    if (status == CVY_OK) {
        fprintf(out.file, "configuration,trials,expected_best_%s,diverged\n",
                cvy_metric_names[f->metric]);
        for (size_t r = 0; r < l.count; r++)
            write_budget(out.file, f, r, values, &l);
        status = cvy_report_file_close(&out);
    }
    cvy_memory_free(values);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure =
        cvy_figures_add(figures, "budget.csv", "budget",
                        "Best %s by number of trials\nexpected value; n = 1 seed a trial",
                        cvy_metric_titles[f->metric]);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, l.x_min, l.x_max, 0),
                         y = cvy_lines_metric_axis(f, &l);
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, "trials") : CVY_OK;
}

cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *problem, const char *folder,
                                  cvy_figures *figures)
{
    const size_t problems = f->problem_count, solvers = f->study->compared_count;
    cvy_lines l = no_lines(f);
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "profile.csv");
    if (status != CVY_OK)
        return status;

    fputs("configuration,tau,share,diverged\n", out.file);
    for (size_t r = 0; r < l.count; r++) {
        for (size_t i = 0; i < PROFILE_POINTS; i++) {
            const double tau = 1 + 3.0 * (double)i / (PROFILE_POINTS - 1);
            const double share = cvy_profile_at(f->ratios, problems, solvers, f->order[r], tau);
            cvy_csv_text(out.file, l.lines[r].label);
            fprintf(out.file, "%.9g,%.9g,0\n", tau, share);
            l.lines[r].last = share;
        }
        l.lines[r].end = 4;
        l.lines[r].is_there = true;
        fputs("\n\n", out.file);
    }
    status = cvy_report_file_close(&out);
    if (status != CVY_OK)
        return status;
    const cvy_figure *figure =
        cvy_figures_add(figures, "profile.csv", "profile",
                        "Performance profile\nshare solved; n = %zu problem%s: %s", problems,
                        cvy_plural(problems), problem);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 1, 4, 0),
                         y = { .scale = CVY_SCALE_LINEAR, .min = 0, .max = 1.02 };
    l.kind = CVY_LINES_STEPS;
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, "times the least steps")
                          : CVY_OK;
}

cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < c->tuning.key_count; k++)
        status = draw_sensitivity(f, k, folder, figures);
    if (status == CVY_OK && c->tuning.key_count > 0)
        status = draw_budget(f, folder, figures);
    if (status == CVY_OK && c->target_count > 0 && c->compared_count > 1)
        status = cvy_figures_of_profile(f, "a target on a seed", folder, figures);
    return status;
}
