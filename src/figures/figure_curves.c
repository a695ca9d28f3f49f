/* Curves: medians over the seeds, bands between the quartiles, the learning rate below. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "charts/chart.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "convoy/train.h"
#include "figures/figures.h"
#include "charts/characters.h"

enum { RATE_POINTS = 240, FIRST_METRIC_COLUMN = 7, BANDS_MAX = 7 };

/* From top to bottom, in pixels: titles, the epochs, the field, a gap, the rates, the x axis. */
enum { EPOCHS = 52, FIELD = 205, GAP = 16, RATES = 54, BELOW = 52 };

static size_t field_height(size_t lines)
{
    const size_t names = lines < CVY_CHART_ENDS ? lines : CVY_CHART_ENDS;
    return names * CVY_CHART_LINE > FIELD ? names * CVY_CHART_LINE : FIELD;
}

/* The values of a configuration's runs at evaluation number `point`; a run that diverged is
 * infinitely bad. */
static size_t gather(const cvy_study *c, size_t configuration, size_t point, cvy_metric metric,
                     double *values)
{
    size_t count = 0;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run == NULL)
            continue;
        const double worst = cvy_metric_rises(metric) ? -INFINITY : INFINITY;
        const double value = point < run->point_count ? run->points[point].metric[metric] : NAN;
        if (!isnan(value) || run->state == CVY_RUN_DIVERGED)
            values[count++] = isnan(value) ? worst : value;
    }
    return count;
}

static double median_seconds(const cvy_study *c, size_t configuration, size_t point, double *values)
{
    size_t count = 0;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && point < run->point_count)
            values[count++] = run->points[point].train_seconds;
    }
    return cvy_quartiles_take(values, count).median;
}

/* The run of a configuration with the most evaluations. */
static const cvy_study_run *longest_run(const cvy_study *c, size_t configuration)
{
    const cvy_study_run *longest = NULL;
    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && (longest == NULL || run->point_count > longest->point_count))
            longest = run;
    }
    return longest;
}

/* The numbers that determine the axes: their extremes, and each line's last value. */
typedef struct {
    double min[CVY_METRIC_COUNT], max[CVY_METRIC_COUNT];
    double last[CVY_METRIC_COUNT][CVY_CHART_STYLES];
    double last_seconds[CVY_CHART_STYLES]; /* at the end of each line */
    double seconds, rate_min, rate_max;
    double rate_low; /* lowest of the configurations' highest rates */
} extent;

static void widen(extent *e, cvy_metric m, double value)
{
    if (isfinite(value)) {
        e->min[m] = fmin(e->min[m], value);
        e->max[m] = fmax(e->max[m], value);
    }
}

static void write_point(FILE *file, const cvy_findings *f, size_t rank, const cvy_study_run *run,
                        size_t point, double *values, extent *e)
{
    const cvy_study *c = f->study;
    const size_t configuration = f->order[rank];
    const double seconds = median_seconds(c, configuration, point, values);

    e->seconds = fmax(e->seconds, seconds);
    cvy_csv_text(file, c->configurations[configuration].label);
    fprintf(file, "%zu,%.9g,", run->points[point].step, run->points[point].epoch);
    cvy_csv_number(file, seconds);
    cvy_csv_number(file, run->points[point].learning_rate);
    fprintf(file, "%zu", gather(c, configuration, point, CVY_METRIC_LOSS, values));
    for (cvy_metric m = 0; m < CVY_METRIC_COUNT; m++) {
        const size_t count = gather(c, configuration, point, m, values);
        const cvy_quartiles q = cvy_quartiles_take(values, count);
        fputc(',', file);
        cvy_csv_number(file, q.median);
        cvy_csv_number(file, q.q1);
        if (isfinite(q.q3))
            fprintf(file, "%.9g", q.q3);
        widen(e, m, q.q1);
        widen(e, m, q.median);
        widen(e, m, q.q3);
        if (rank < CVY_CHART_STYLES)
            e->last[m][rank] = q.median;
    }
    if (rank < CVY_CHART_STYLES)
        e->last_seconds[rank] = seconds;
    fputc('\n', file);
}

static cvy_status write_bands(const cvy_findings *f, const char *folder, extent *e)
{
    const cvy_study *c = f->study;
    double *values;
    cvy_report_file out;
    cvy_status status = cvy_memory_create(c->seed_count, sizeof *values, &values);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, "bands.csv");
    if (status != CVY_OK) {
        cvy_memory_free(values);
        return status;
    }
    fputs("configuration,step,epoch,seconds,learning_rate,n", out.file);
    for (cvy_metric m = 0; m < CVY_METRIC_COUNT; m++) {
        fprintf(out.file, ",%s_median,%s_q1,%s_q3", cvy_metric_names[m], cvy_metric_names[m],
                cvy_metric_names[m]);
        e->min[m] = INFINITY;
        e->max[m] = -INFINITY;
        for (size_t r = 0; r < CVY_CHART_STYLES; r++)
            e->last[m][r] = NAN;
    }
    fputc('\n', out.file);
    for (size_t r = 0; r < c->compared_count; r++) {
        const cvy_study_run *run = longest_run(c, f->order[r]);
        const size_t points = run != NULL ? run->point_count : 0;
        for (size_t p = 0; p < points; p++)
            write_point(out.file, f, r, run, p, values, e);
        if (points == 0) /* a separate block, so that gnuplot counts it */
            fputs(",,,,,,,,,,,,,,,,,\n", out.file);
        fputs("\n\n", out.file);
    }
    cvy_memory_free(values);
    return cvy_report_file_close(&out);
}

static cvy_status write_rate(FILE *file, const cvy_findings *f, size_t configuration, extent *e)
{
    const cvy_study *c = f->study;
    const cvy_configuration *of = &c->configurations[configuration];
    const size_t steps = cvy_study_steps(&c->setup, of);
    const size_t count = steps < RATE_POINTS ? steps : RATE_POINTS;
    const double pace = f->standings[configuration].step_seconds.median;
    double highest = 0, *rates;
    cvy_status status = cvy_memory_create(steps + 1, sizeof *rates, &rates);

    if (status == CVY_OK && steps > 0)
        status = cvy_learning_rates(c->configurations[configuration].learning_rate,
                                    steps / c->setup.epochs, steps, 0, steps, rates);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        const size_t step = count > 1 ? i * (steps - 1) / (count - 1) : 0;
        const double rate = rates[step];
        cvy_csv_text(file, c->configurations[configuration].label);
        fprintf(file, "%zu,", step);
        cvy_csv_number(file, (double)step * pace);
        fprintf(file, "%.9g\n", isfinite(rate) ? rate : 0);
        if (isfinite(rate) && rate > 0) {
            e->rate_min = fmin(e->rate_min, rate);
            e->rate_max = fmax(e->rate_max, rate);
            highest = fmax(highest, rate);
        }
    }
    e->rate_low = highest > 0 ? fmin(e->rate_low, highest) : e->rate_low;
    cvy_memory_free(rates);
    fputs("\n\n", file);
    return status;
}

static cvy_status write_rates(const cvy_findings *f, const char *folder, extent *e)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "rates.csv");
    if (status != CVY_OK)
        return status;

    e->rate_min = e->rate_low = INFINITY;
    e->rate_max = 0;
    fputs("configuration,step,seconds,learning_rate\n", out.file);
    for (size_t r = 0; status == CVY_OK && r < f->study->compared_count; r++)
        status = write_rate(out.file, f, f->order[r], e);
    const cvy_status closed = cvy_report_file_close(&out);
    return status != CVY_OK ? status : closed;
}

/* --- the scripts --- */

/* The worst are drawn first, so that the best is on top. With many lines, bands would hide them. */
static void plot_lines(FILE *file, size_t count, const cvy_chart_axis *x, size_t x_column,
                       const cvy_chart_axis *y, cvy_metric metric)
{
    const size_t median = FIRST_METRIC_COLUMN + 3 * metric;

    fputs("plot \\\n", file);
    for (size_t r = count < BANDS_MAX ? count : BANDS_MAX; r-- > 0;) {
        fprintf(file, "  'bands.csv' skip 1 index %zu using ", r);
        cvy_chart_column(file, x, x_column);
        fputc(':', file);
        cvy_chart_column(file, y, median + 1);
        fputc(':', file);
        cvy_chart_column(file, y, median + 2);
        fprintf(file,
                " with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb "
                "'%s', \\\n",
                cvy_chart_color(r));
    }
    for (size_t r = count; r-- > 0;) {
        fprintf(file, "  'bands.csv' skip 1 index %zu using ", r);
        cvy_chart_column(file, x, x_column);
        fputc(':', file);
        cvy_chart_column(file, y, median);
        fputs(" with linespoints pointtype 7 pointsize 0.3 ", file);
        cvy_chart_style(file, r, 2);
        fputs(r > 0 ? ", \\\n" : "\n", file);
    }
}

static void plot_rates(FILE *file, size_t count, const cvy_chart_axis *x, bool is_seconds,
                       const extent *e, double height)
{
    const bool is_known = e->rate_max > 0;
    const double least = is_known ? fmax(e->rate_min, e->rate_low / 100) : 0.1;
    cvy_chart_axis y =
        cvy_chart_axis_plan(CVY_SCALE_LOG, least / 1.5, is_known ? 1.5 * e->rate_max : 1, 0);
    y.ticks_max = 3;

    fputs("unset label\nunset arrow\nunset x2tics\nunset x2label\nset border 3\n"
          "set xtics nomirror out scale 0.5\n",
          file);
    fprintf(file, "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
            (BELOW + RATES) / height, BELOW / height);
    cvy_chart_axis_print(file, "y", &y);
    cvy_chart_axis_print(file, "x", x);
    fputs("set label 'learning rate' at graph 1.065,0.5 left font ',13'\n", file);
    fprintf(file, "set xlabel '%s' offset 0,0.7\n", is_seconds ? "seconds of training" : "steps");
    fputs("plot \\\n", file);
    for (size_t r = count; r-- > 0;) {
        fprintf(file, "  'rates.csv' skip 1 index %zu using ", r);
        cvy_chart_column(file, x, is_seconds ? 3 : 2);
        fputs(":($4 > 0 ? log10($4) : NaN)", file);
        fputs(" with lines ", file);
        cvy_chart_style(file, r, 1.5);
        fputs(r > 0 ? ", \\\n" : "\n", file);
    }
}

static size_t longest_label(const cvy_findings *f)
{
    size_t longest = 0;

    for (size_t r = 0; r < f->study->compared_count && r < CVY_CHART_ENDS; r++) {
        const size_t count = cvy_character_count(f->study->configurations[f->order[r]].label);
        longest = count > longest ? count : longest;
    }
    return longest;
}

static void print_epochs(FILE *file, const cvy_study *c, const cvy_chart_axis *x)
{
    const size_t every = (c->setup.epochs + 7) / 8;

    fprintf(file, "set border 7\nset x2range [%.9g:%.9g]\nset x2tics (", x->min, x->max);
    for (size_t epoch = 0; epoch <= c->setup.epochs; epoch += every)
        fprintf(file, "%s'%zu' %zu", epoch > 0 ? ", " : "", epoch,
                epoch * c->setup.steps_per_epoch);
    fputs(") offset 0,-0.4\nset x2label 'epochs' offset 0,-0.8\n", file);
}

static void print_ends(FILE *file, const cvy_findings *f, const extent *e, cvy_metric metric,
                       const cvy_chart_axis *x, const cvy_chart_axis *y, double height,
                       size_t characters)
{
    cvy_chart_end ends[CVY_CHART_ENDS];
    size_t count = 0;

    for (size_t r = 0; r < f->study->compared_count && r < CVY_CHART_ENDS; r++)
        ends[count++] = (cvy_chart_end){
            .label = f->study->configurations[f->order[r]].label,
            .style = r,
            .at = x != NULL ? cvy_chart_axis_place(x, e->last_seconds[r]) : 1,
            .place =
                isfinite(e->last[metric][r]) ? cvy_chart_axis_place(y, e->last[metric][r]) : NAN,
        };
    cvy_chart_ends_print(file, ends, count, height, characters);
}

static cvy_status write_curve(const cvy_findings *f, const char *folder, cvy_metric metric,
                              bool is_seconds, const extent *e, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    const bool is_share = cvy_metric_rises(metric);
    char name[64], script[80];
    cvy_report_file out;

    snprintf(name, sizeof name, "%s-%s", cvy_metric_names[metric],
             is_seconds ? "seconds" : "steps");
    cvy_figure *figure = cvy_figures_add(
        figures, "bands.csv", name, "%c%s\nmedian%s, n = %zu seed%s%s%s",
        cvy_metric_titles[metric][0] - 'a' + 'A', cvy_metric_titles[metric] + 1,
        c->compared_count > BANDS_MAX ? ", quartiles of the best 7" : " and quartiles",
        c->seed_count, cvy_plural(c->seed_count),
        c->compared_count > CVY_CHART_STYLES ? "; others grey" : "",
        is_seconds ? cvy_figures_busy_note(f) : "");
    if (figure == NULL)
        return CVY_OK;
    snprintf(script, sizeof script, "%s.gp", name);
    cvy_status status = cvy_report_file_open(&out, folder, script);
    if (status != CVY_OK)
        return status;
    const size_t images =
        c->setup.validation_count > 0 ? c->setup.validation_count : c->setup.train_count;
    const cvy_chart_axis y = cvy_chart_axis_plan(is_share             ? CVY_SCALE_SHARE
                                                 : e->min[metric] > 0 ? CVY_SCALE_LOG
                                                                      : CVY_SCALE_LINEAR,
                                                 e->min[metric], e->max[metric],
                                                 0.5 / (double)(images > 0 ? images : 1));
    const cvy_chart_axis x = cvy_chart_axis_plan(
        CVY_SCALE_LINEAR, 0,
        is_seconds ? e->seconds : (double)(c->setup.steps_per_epoch * c->setup.epochs), 0);
    const size_t field = field_height(c->compared_count) + (is_seconds ? EPOCHS : 0);
    const size_t lower = GAP + RATES + BELOW, upper = CVY_CHART_TOP + (is_seconds ? 0 : EPOCHS);
    const double height = (double)(upper + field + lower);
    const cvy_chart_frame frame = cvy_chart_frame_for(longest_label(f));
    cvy_chart_begin(out.file, name, figure->title, &frame, upper + field + lower);
    fprintf(out.file,
            "set lmargin at screen %g\nset rmargin at screen %g\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
            frame.left, frame.right, 1 - (double)upper / height, (double)lower / height);
    cvy_chart_axis_print(out.file, "y", &y);
    cvy_chart_axis_print(out.file, "x", &x);
    fputs("unset xtics\n", out.file);
    if (!is_seconds)
        print_epochs(out.file, c, &x);
    print_ends(out.file, f, e, metric, is_seconds ? &x : NULL, &y, (double)field, frame.characters);
    plot_lines(out.file, c->compared_count, &x, is_seconds ? 4 : 2, &y, metric);
    plot_rates(out.file, c->compared_count, &x, is_seconds, e, height);
    return cvy_report_file_close(&out);
}

cvy_status cvy_figures_of_curves(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    static const cvy_metric metrics[] = { CVY_METRIC_VAL_ACCURACY, CVY_METRIC_VAL_LOSS,
                                          CVY_METRIC_LOSS };
    extent e = { 0 };
    cvy_status status = write_bands(f, folder, &e);

    if (status == CVY_OK)
        status = write_rates(f, folder, &e);
    for (size_t m = 0; m < 3 && cvy_study_has_curves(f->study); m++)
        for (int is_seconds = cvy_study_varies_batches(f->study) ? 1 : 0;
             status == CVY_OK && is_seconds < 2; is_seconds++)
            if (e.min[metrics[m]] <= e.max[metrics[m]] && (is_seconds == 0 || e.seconds > 0))
                status = write_curve(f, folder, metrics[m], is_seconds == 1, &e, figures);
    return status;
}
