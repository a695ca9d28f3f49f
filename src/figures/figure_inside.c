/* What happened inside the runs: effective learning rates, norms, directions and noise, over the
 * updates. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"
#include "figures/figures.h"

/* A quantity to draw. */
typedef struct {
    const char *name, *title, *note; /* of the file; of the figure; what medians are taken over */
    size_t middle, low, high;        /* members of cvy_inside_point: the line and its band */
    bool is_log;
} quantity;

#define AT(member) offsetof(cvy_inside_point, member)
static const quantity quantities[] = {
    { "effective-rate", "Effective learning rate of a weight",
      "median and quartiles over the weights", AT(rate_median), AT(rate_q1), AT(rate_q3), true },
    { "gradient-norm", "Norm of the gradient", "median and quartiles over the seeds",
      AT(gradient_norm), AT(gradient_norm), AT(gradient_norm), true },
    { "update-norm", "Norm of an update", "median and quartiles over the seeds", AT(update_norm),
      AT(update_norm), AT(update_norm), true },
    { "cosine", "Cosine of successive updates: −1 zigzag, 1 straight",
      "median and quartiles over the seeds", AT(cosine), AT(cosine), AT(cosine), false },
};

static double member(const cvy_inside_point *point, size_t offset)
{
    double value;
    memcpy(&value, (const char *)point + offset, sizeof value);
    return value;
}

/* A member at recorded update number `point`, over the seeds that have it. */
static cvy_quartiles over_seeds(const cvy_study *c, size_t configuration, size_t point,
                                size_t offset, double *values)
{
    size_t count = 0;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run == NULL || run->inside == NULL || point >= run->inside->point_count)
            continue;
        const double value = member(&run->inside->points[point], offset);
        if (isfinite(value))
            values[count++] = value;
    }
    return cvy_quartiles_take(values, count);
}

/* The run of a configuration with the most recorded updates, or NULL. */
static const cvy_inside *longest(const cvy_study *c, size_t configuration)
{
    const cvy_inside *found = NULL;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && run->inside != NULL &&
            (found == NULL || run->inside->point_count > found->point_count))
            found = run->inside;
    }
    return found;
}

static void write_line(FILE *file, const cvy_findings *f, size_t configuration, const quantity *q,
                       double *values, cvy_lines *l, cvy_line *line)
{
    const cvy_study *c = f->study;
    const cvy_inside *inside = longest(c, configuration);
    const char *label = c->configurations[configuration].label;

    line->label = label;
    for (size_t p = 0; inside != NULL && p < inside->point_count; p++) {
        const size_t step = inside->points[p].step;
        const cvy_quartiles middle = over_seeds(c, configuration, p, q->middle, values);
        const bool is_spread_of_seeds = q->low == q->middle;
        const double low =
            is_spread_of_seeds ? middle.q1 : over_seeds(c, configuration, p, q->low, values).median;
        const double high = is_spread_of_seeds
                                ? middle.q3
                                : over_seeds(c, configuration, p, q->high, values).median;
        if (middle.count == 0 || (q->is_log && !(low > 0)))
            continue;
        cvy_csv_text(file, label);
        fprintf(file, "%zu,%.9g,0,%.9g,%.9g,%zu\n", step, middle.median, low, high, middle.count);
        cvy_lines_widen(l, (double)step, low);
        cvy_lines_widen(l, (double)step, high);
        line->last = middle.median;
        line->end = (double)step;
        line->is_there = true;
    }
    if (!line->is_there) /* an empty block would shift the numbers of the next ones */
        fputs(",,,,,,\n", file);
    fputs("\n\n", file);
}

static cvy_status draw_quantity(const cvy_findings *f, const quantity *q, const char *folder,
                                cvy_figures *figures)
{
    const cvy_study *c = f->study;
    cvy_lines l = cvy_lines_none(c->compared_count);
    char data[64];
    double *values;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(c->seed_count, sizeof *values, &values);

    snprintf(data, sizeof data, "%s.csv", q->name);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, data);
    if (status != CVY_OK) {
        cvy_memory_free(values);
        return status;
    }
    l.kind = CVY_LINES_CURVES;
    fputs("configuration,step,median,diverged,low,high,seeds\n", out.file);
    for (size_t r = 0; r < l.count; r++)
        write_line(out.file, f, f->order[r], q, values, &l, &l.lines[r]);
    cvy_memory_free(values);
    status = cvy_report_file_close(&out);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min < l.y_max))
        return status;
    const cvy_figure *figure =
        cvy_figures_add(figures, data, q->name, "%s\n%s; n = %zu seed%s", q->title, q->note,
                        c->seed_count, cvy_plural(c->seed_count));
    if (figure == NULL)
        return CVY_OK;
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 0, l.x_max, 0),
                         y = cvy_chart_axis_plan(q->is_log ? CVY_SCALE_LOG : CVY_SCALE_LINEAR,
                                                 l.y_min, l.y_max, 0);
    return cvy_lines_write(folder, figure, &l, &x, &y, "updates");
}

/* --- the noise of the gradient --- */

static const cvy_inside *with_noise(const cvy_study *c, size_t configuration)
{
    const cvy_study_run *run = cvy_study_run_at(c, configuration, 0);
    return run != NULL && run->inside != NULL && run->inside->noise_count > 0 ? run->inside : NULL;
}

static void write_noise(FILE *file, const cvy_study *c, size_t configuration, cvy_lines *l,
                        cvy_line *line)
{
    const cvy_inside *inside = with_noise(c, configuration);

    line->label = c->configurations[configuration].label;
    for (size_t i = 0; inside != NULL && i < inside->noise_count; i++) {
        const cvy_noise_point *point = &inside->noise[i];
        if (!(point->scale > 0))
            continue;
        cvy_csv_text(file, line->label);
        fprintf(file, "%zu,%.9g,0,%.9g,%.9g\n", point->step, point->scale, point->trace,
                point->square);
        cvy_lines_widen(l, (double)point->step, point->scale);
        line->last = point->scale;
        line->end = (double)point->step;
        line->is_there = true;
    }
    if (!line->is_there)
        fputs(",,,,,\n", file);
    fputs("\n\n", file);
}

static cvy_status draw_noise(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    cvy_lines l = cvy_lines_none(c->compared_count);
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "noise-scale.csv");

    if (status != CVY_OK)
        return status;
    l.kind = CVY_LINES_PLAIN;
    fputs("configuration,step,noise_scale,diverged,trace,square\n", out.file);
    for (size_t r = 0; r < l.count; r++)
        write_noise(out.file, c, f->order[r], &l, &l.lines[r]);
    status = cvy_report_file_close(&out);
    if (status != CVY_OK || !(l.x_min < l.x_max && l.y_min < l.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, "noise-scale.csv", "noise-scale",
        "Noise scale of the gradient, in images\nlarger batches than that gain little; first seed");
    if (figure == NULL)
        return CVY_OK;
    const cvy_chart_axis x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 0, l.x_max, 0),
                         y = cvy_chart_axis_plan(CVY_SCALE_LOG, l.y_min, l.y_max, 0);
    return cvy_lines_write(folder, figure, &l, &x, &y, "updates");
}

cvy_status cvy_figures_of_inside(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    cvy_status status = CVY_OK;
    bool is_recorded = false;

    for (size_t i = 0; i < f->study->compared_count; i++)
        is_recorded = is_recorded || longest(f->study, i) != NULL;
    for (size_t i = 0;
         is_recorded && status == CVY_OK && i < sizeof quantities / sizeof *quantities; i++)
        status = draw_quantity(f, &quantities[i], folder, figures);
    return is_recorded && status == CVY_OK ? draw_noise(f, folder, figures) : status;
}
