/* What learning rates do, what more trials bring, and the performance profile. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "report/chart.h"
#include "report/figure_work.h"

enum { PROFILE_POINTS = 121 };

static cvy_lines no_lines(const cvy_findings *f)
{
    cvy_lines l = cvy_lines_none(f->campaign->compared_count);

    for (size_t r = 0; r < l.count; r++)
        l.lines[r].label = f->campaign->contestants[f->order[r]].label;
    return l;
}

/* The trial number `i` of a contestant, or NULL. */
static const cvy_contestant *trial_of(const cvy_campaign *c, size_t base, size_t i)
{
    for (size_t k = 0; k < c->contestant_count; k++)
        if (c->contestants[k].role == CVY_ROLE_TRIAL && c->contestants[k].base == base && i-- == 0)
            return &c->contestants[k];
    return NULL;
}

static cvy_status draw_sensitivity(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    cvy_lines l = no_lines(f);
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "sensitivity.csv");
    if (status != CVY_OK)
        return status;

    fprintf(pen.file, "contestant,%s,%s,diverged\n", c->tuning.key, cvy_metric_names[f->metric]);
    for (size_t r = 0; r < l.count; r++) {
        const cvy_contestant *trial;
        for (size_t i = 0; (trial = trial_of(c, f->order[r], i)) != NULL; i++) {
            const double value = cvy_final_value(&c->runs[trial->first_run], f->metric);
            cvy_csv_text(pen.file, l.lines[r].label);
            fprintf(pen.file, "%.9g,", trial->tuned_value);
            cvy_csv_number(pen.file, value);
            fprintf(pen.file, "%d\n", !isfinite(value));
            cvy_lines_widen(&l, trial->tuned_value, value);
            l.lines[r].is_there = true;
            if (isfinite(value)) {
                l.lines[r].last = value;
                l.lines[r].end = trial->tuned_value;
            }
        }
        if (!l.lines[r].is_there)
            fputs(",,,\n", pen.file);
        fputs("\n\n", pen.file);
    }
    status = cvy_pen_close(&pen);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.x_min > 0 && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(figures, "sensitivity.csv", "sensitivity",
                                               "%c%s by %s\nn = 1 seed a trial; × diverged",
                                               cvy_metric_titles[f->metric][0] - 'a' + 'A',
                                               cvy_metric_titles[f->metric] + 1, c->tuning.key);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LOG, l.x_min, l.x_max, 0),
                         y = cvy_lines_metric_axis(f, &l);
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, c->tuning.key) : CVY_OK;
}

static void write_budget(FILE *file, const cvy_findings *f, size_t r, double *values, cvy_lines *l)
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
    const cvy_campaign *c = f->campaign;
    cvy_lines l = no_lines(f);
    double *values;
    cvy_pen pen;
    cvy_status status = cvy_memory_create(c->contestant_count, sizeof *values, &values);
    if (status == CVY_OK)
        status = cvy_pen_open(&pen, folder, "budget.csv");
    if (status == CVY_OK) {
        fprintf(pen.file, "contestant,trials,expected_best_%s,diverged\n",
                cvy_metric_names[f->metric]);
        for (size_t r = 0; r < l.count; r++)
            write_budget(pen.file, f, r, values, &l);
        status = cvy_pen_close(&pen);
    }
    cvy_memory_free(values);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min <= l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, "budget.csv", "budget", "Best %s of so many trials\nexpected; n = 1 seed a trial",
        cvy_metric_titles[f->metric]);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, l.x_min, l.x_max, 0),
                         y = cvy_lines_metric_axis(f, &l);
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, "trials") : CVY_OK;
}

static cvy_status draw_profile(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    const size_t problems = c->target_count * c->seed_count, solvers = c->compared_count;
    cvy_lines l = no_lines(f);
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "profile.csv");
    if (status != CVY_OK)
        return status;

    fputs("contestant,tau,share,diverged\n", pen.file);
    for (size_t r = 0; r < l.count; r++) {
        for (size_t i = 0; i < PROFILE_POINTS; i++) {
            const double tau = 1 + 3.0 * (double)i / (PROFILE_POINTS - 1);
            const double share = cvy_profile_at(f->ratios, problems, solvers, f->order[r], tau);
            cvy_csv_text(pen.file, l.lines[r].label);
            fprintf(pen.file, "%.9g,%.9g,0\n", tau, share);
            l.lines[r].last = share;
        }
        l.lines[r].end = 4;
        l.lines[r].is_there = true;
        fputs("\n\n", pen.file);
    }
    status = cvy_pen_close(&pen);
    if (status != CVY_OK)
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, "profile.csv", "profile",
        "Performance profile\nshare solved; n = %zu problems: a target on a seed", problems);
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 1, 4, 0),
                         y = { .scale = CVY_SCALE_LINEAR, .min = 0, .max = 1.02 };
    l.kind = CVY_LINES_STEPS;
    return figure != NULL ? cvy_lines_write(folder, figure, &l, &x, &y, "times the least steps")
                          : CVY_OK;
}

cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_campaign *c = f->campaign;
    cvy_status status = CVY_OK;

    if (c->tuning.key[0] != '\0')
        status = draw_sensitivity(f, folder, figures);
    if (status == CVY_OK && c->tuning.key[0] != '\0')
        status = draw_budget(f, folder, figures);
    if (status == CVY_OK && c->target_count > 0 && c->compared_count > 1)
        status = draw_profile(f, folder, figures);
    return status;
}
