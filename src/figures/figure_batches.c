/* Compares batch sizes: the same curves by epochs, by updates and by seconds. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"
#include "figures/figures.h"

/* The x axis of a curve. */
typedef enum { BY_EPOCHS, BY_UPDATES, BY_SECONDS, BY_COUNT } basis;

static const struct {
    const char *name, *label;
    cvy_scale scale;
} bases[BY_COUNT] = {
    [BY_EPOCHS] = { "epochs", "epochs (images seen)", CVY_SCALE_LINEAR },
    [BY_UPDATES] = { "updates", "updates", CVY_SCALE_LOG },
    [BY_SECONDS] = { "seconds", "seconds of training", CVY_SCALE_LOG },
};

static double place_of(const cvy_point *point, basis by)
{
    return by == BY_EPOCHS    ? point->epoch
           : by == BY_UPDATES ? (double)point->step
                              : point->train_seconds;
}

/* The values of all seeds at an evaluation, and the median of its position on the x axis. */
static cvy_quartiles gather(const cvy_findings *f, size_t configuration, size_t point, basis by,
                            double *values, double *place)
{
    const cvy_study *c = f->study;
    size_t count = 0;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && point < run->point_count)
            values[count++] = place_of(&run->points[point], by);
    }
    *place = cvy_quartiles_take(values, count).median;
    count = 0;
    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && point < run->point_count &&
            isfinite(run->points[point].metric[f->metric]))
            values[count++] = run->points[point].metric[f->metric];
    }
    return cvy_quartiles_take(values, count);
}

static void write_line(FILE *file, const cvy_findings *f, size_t configuration, basis by,
                       double *values, cvy_lines *l, cvy_line *line)
{
    const cvy_study *c = f->study;
    const size_t points = cvy_study_evaluations(&c->setup, &c->configurations[configuration]);

    line->label = c->configurations[configuration].label;
    for (size_t p = 0; p < points; p++) {
        double place;
        const cvy_quartiles q = gather(f, configuration, p, by, values, &place);
        if (q.count == 0 || !(place > 0))
            continue;
        cvy_csv_text(file, line->label);
        fprintf(file, "%.9g,%.9g,0,%.9g,%.9g\n", place, q.median, q.q1, q.q3);
        cvy_lines_widen(l, place, q.q1);
        cvy_lines_widen(l, place, q.q3);
        line->last = q.median;
        line->end = place;
        line->is_there = true;
    }
    if (!line->is_there) /* an empty block would shift the numbers of the next ones */
        fputs(",,,,,\n", file);
    fputs("\n\n", file);
}

static cvy_status draw(const cvy_findings *f, basis by, const char *folder, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    cvy_lines l = cvy_lines_none(c->compared_count);
    char name[64], data[80];
    double *values;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(c->seed_count, sizeof *values, &values);

    snprintf(name, sizeof name, "batch-size-%s", bases[by].name);
    snprintf(data, sizeof data, "%s.csv", name);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, data);
    if (status != CVY_OK) {
        cvy_memory_free(values);
        return status;
    }
    l.kind = CVY_LINES_BANDS;
    fprintf(out.file, "configuration,%s,median,diverged,q1,q3\n", bases[by].name);
    for (size_t r = 0; r < l.count; r++)
        write_line(out.file, f, f->order[r], by, values, &l, &l.lines[r]);
    cvy_memory_free(values);
    status = cvy_report_file_close(&out);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min < l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, data, name, "Batch sizes by %s: %s\nmedian and quartiles, n = %zu seed%s%s",
        bases[by].name, cvy_metric_titles[f->metric], c->seed_count, cvy_plural(c->seed_count),
        by == BY_SECONDS ? cvy_figures_busy_note(f) : "");
    if (figure == NULL)
        return CVY_OK;
    const cvy_chart_axis x = cvy_chart_axis_plan(bases[by].scale, by == BY_EPOCHS ? 0 : l.x_min,
                                                 l.x_max, 0),
                         y = cvy_lines_metric_axis(f, &l);
    return cvy_lines_write(folder, figure, &l, &x, &y, bases[by].label);
}

cvy_status cvy_figures_of_batches(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    cvy_status status = CVY_OK;

    if (!cvy_study_varies_batches(f->study))
        return CVY_OK;
    for (basis by = 0; status == CVY_OK && by < BY_COUNT; by++)
        status = draw(f, by, folder, figures);
    return status;
}
