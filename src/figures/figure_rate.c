#include "figures/figure_rate.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/plural.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"

/* Lines end at this multiple of the initial loss, so that divergence does not flatten the rest. */
static const double shown_above_start = 1.5;

/* Put a mark where the line is at the last update before the rate `x`. */
static void mark(cvy_line *line, cvy_mark which, double x, double rate, double loss)
{
    if (!(rate <= x))
        return;
    line->mark_x[which] = x;
    line->mark_y[which] = loss;
}

/* Write the data of one optimizer's line: a row for each update that more than half of the seeds
 * survive. */
static void write_sweep(FILE *file, const cvy_rate_test *test, const cvy_rate_sweep *sweep,
                        double highest, double *values, cvy_lines *l, cvy_line *line)
{
    for (size_t i = 0; i < test->request.steps; i++) {
        const cvy_quartiles q = cvy_rate_sweep_at(sweep, i, values);
        if (2 * q.count <= sweep->run_count || q.q3 > highest)
            continue;
        cvy_csv_text(file, sweep->label);
        fprintf(file, "%.9g,%.9g,0,%.9g,%.9g,%zu\n", test->rates[i], q.median, q.q1, q.q3, q.count);
        cvy_lines_widen(l, test->rates[i], q.q1);
        cvy_lines_widen(l, test->rates[i], q.q3);
        line->last = q.median;
        line->end = test->rates[i];
        line->is_there = true;
        mark(line, CVY_MARK_CIRCLE, sweep->suggested, test->rates[i], q.median);
        mark(line, CVY_MARK_TRIANGLE, sweep->steepest, test->rates[i], q.median);
    }
    if (line->is_there && isfinite(sweep->diverged_at)) {
        line->mark_x[CVY_MARK_CROSS] = sweep->diverged_at;
        cvy_lines_widen(l, sweep->diverged_at, NAN);
    }
    if (!line->is_there) /* an empty block would shift the numbers of the next ones */
        fputs(",,,,,,\n", file);
    fputs("\n\n", file);
}

static cvy_status write_data(const cvy_rate_test *test, const char *folder, cvy_lines *l)
{
    double *values, start = 0;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(test->request.seed_count, sizeof *values, &values);

    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, "rates.csv");
    if (status != CVY_OK) {
        cvy_memory_free(values);
        return status;
    }
    fputs("optimizer,learning_rate,loss_median,diverged,loss_q1,loss_q3,seeds\n", out.file);
    for (size_t i = 0; i < test->sweep_count; i++)
        start = fmax(start, cvy_rate_sweep_at(&test->sweeps[i], 0, values).q3);
    for (size_t i = 0; i < l->count; i++) {
        l->lines[i].label = test->sweeps[i].label;
        write_sweep(out.file, test, &test->sweeps[i], shown_above_start * start, values, l,
                    &l->lines[i]);
    }
    /* a run that diverges leaves the chart at the top */
    for (size_t i = 0; i < l->count; i++)
        l->lines[i].mark_y[CVY_MARK_CROSS] = l->y_max;
    cvy_memory_free(values);
    return cvy_report_file_close(&out);
}

cvy_status cvy_figures_of_rate_test(const cvy_rate_test *test, const char *folder,
                                    cvy_figures *figures)
{
    cvy_lines l = cvy_lines_none(test->sweep_count);
    const size_t seeds = test->request.seed_count;

    *figures = (cvy_figures){ .end = CVY_PICTURES_DRAWN, .formats = figures->formats };
    l.kind = CVY_LINES_CURVES;
    cvy_status status = write_data(test, folder, &l);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min < l.y_max))
        return status;
    cvy_figure *figure = cvy_figures_add(
        figures, "rates.csv", "find-rate",
        "Loss as the learning rate rises: median, quartiles\n"
        "● suggested, ▲ steepest fall, × diverged; n = %s%zu seed%s",
        test->runs_done < test->runs_wanted ? "up to " : "", seeds, cvy_plural(seeds));
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LOG, l.x_min, l.x_max, 0),
                         y = cvy_chart_axis_plan(CVY_SCALE_LOG, l.y_min, l.y_max, 0);
    status = cvy_lines_write(folder, figure, &l, &x, &y, "learning rate");
    return status == CVY_OK ? cvy_figures_draw(figures, folder) : status;
}
