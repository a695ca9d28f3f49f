/* One row per configuration, one dot per seed: final values, steps to a target, differences. */
#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "charts/chart.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"
#include "charts/characters.h"

enum { ROW_HEIGHT = 30, BELOW = 54, NAMES = 177, FIELD = 203, ROWS_MAX = 48 };

typedef struct {
    const char *label;
    size_t style;
    const char *remark; /* after the row; "" for none */
    double low, middle, high;
    double untuned; /* the median without tuning */
} row;

typedef struct {
    const char *folder, *name, *x_label;
    const cvy_figure *figure;
    cvy_scale scale;
    double min, max, resolution;
    bool has_zero; /* draw a line at 0 */
    size_t count;
    row rows[ROWS_MAX];
} row_chart;

/* The part of a subtitle that explains the dots. */
#define SEEN "dots: n = %zu seed%s; "

static const char *best_only(const cvy_study *c)
{
    return c->compared_count > ROWS_MAX ? "; only the best 48" : "";
}

static const char *untuned_too(const cvy_findings *f)
{
    return f->standing_count > f->study->compared_count ? "; square: untuned" : "";
}

/* The untuned twin of a compared configuration; the number of standings if it has none. */
static size_t untuned_of(const cvy_findings *f, size_t configuration)
{
    size_t k = f->study->compared_count;

    while (k < f->standing_count && f->study->configurations[k].base != configuration)
        k++;
    return k;
}

static void widen(row_chart *c, double value)
{
    if (isfinite(value)) {
        c->min = fmin(c->min, value);
        c->max = fmax(c->max, value);
    }
}

static void print_rows(FILE *file, const row_chart *c, const cvy_chart_axis *x)
{
    for (size_t r = 0; r < c->count; r++) {
        const row *w = &c->rows[r];
        const double y = (double)(c->count - r);
        if (isfinite(w->low) && isfinite(w->high))
            fprintf(
                file,
                "set arrow from graph %.5f, first %g to graph %.5f, first %g nohead linewidth 5 "
                "linecolor rgb '%s'\n",
                cvy_chart_axis_place(x, w->low), y, cvy_chart_axis_place(x, w->high), y,
                cvy_chart_color(w->style));
        if (isfinite(w->middle))
            fprintf(
                file,
                "set arrow from graph %.5f, first %g to graph %.5f, first %g nohead linewidth 3 "
                "linecolor rgb 'black' front\n",
                cvy_chart_axis_place(x, w->middle), y - 0.3, cvy_chart_axis_place(x, w->middle),
                y + 0.3);
        if (isfinite(w->untuned))
            fprintf(
                file,
                "set label '' at graph %.5f, first %g point pointtype 4 pointsize 0.9 linewidth 2 "
                "linecolor rgb '%s' front\n",
                cvy_chart_axis_place(x, w->untuned), y, cvy_chart_color(w->style));
        if (w->remark[0] != '\0') {
            fputs("set label ", file);
            cvy_chart_text(file, w->remark);
            fprintf(file, " at graph 1.04, first %g left noenhanced font ',12'\n", y);
        }
    }
}

static void print_names(FILE *file, const row_chart *c, size_t characters)
{
    fprintf(file, "set yrange [0.4:%g]\nset ytics scale 0 (", (double)c->count + 0.6);
    for (size_t r = 0; r < c->count; r++) {
        fputs(r > 0 ? ", " : "", file);
        cvy_chart_name(file, c->rows[r].label, "", characters);
        fprintf(file, " %zu", c->count - r);
    }
    fputs(") noenhanced font ',12'\n", file);
}

static cvy_status write_chart(const row_chart *c)
{
    char script[80];
    cvy_report_file out;
    snprintf(script, sizeof script, "%s.gp", c->name);
    cvy_status status = cvy_report_file_open(&out, c->folder, script);
    if (status != CVY_OK)
        return status;

    size_t longest = 0;
    for (size_t r = 0; r < c->count; r++) {
        const size_t count = cvy_character_count(c->rows[r].label);
        longest = count > longest ? count : longest;
    }
    const cvy_chart_frame frame = cvy_chart_frame_for(longest);
    const double names = NAMES + (double)frame.extra;
    const size_t height = CVY_CHART_TOP + ROW_HEIGHT * c->count + BELOW;
    const cvy_chart_axis x = cvy_chart_axis_plan(c->scale, c->min, c->max, c->resolution);
    cvy_chart_begin(out.file, c->name, c->figure->title, &frame, height);
    fprintf(out.file,
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen %.4f\n"
            "set bmargin at screen %.4f\nset border 1\n",
            names / (double)frame.width, (names + FIELD) / (double)frame.width,
            1 - (double)CVY_CHART_TOP / (double)height, BELOW / (double)height);
    cvy_chart_axis_print(out.file, "x", &x);
    fprintf(out.file, "set xlabel '%s' offset 0,0.7\n", c->x_label);
    print_names(out.file, c, frame.characters);
    if (c->has_zero)
        fprintf(out.file,
                "set arrow from graph %.5f, graph 0 to graph %.5f, graph 1 nohead dashtype 3 "
                "linecolor rgb 'black'\n",
                cvy_chart_axis_place(&x, 0), cvy_chart_axis_place(&x, 0));
    print_rows(out.file, c, &x);
    fprintf(out.file, "plot '%s' skip 1 using ", c->figure->data);
    cvy_chart_column(out.file, &x, 4);
    fprintf(out.file, ":(%zu - $1) with points pointtype 7 pointsize 0.3 linecolor rgb 'black'\n",
            c->count + 1);
    return cvy_report_file_close(&out);
}

/* Begin a chart with rows in the order of the ranking, without dots; the caller writes the data. */
static void begin(row_chart *c, const cvy_findings *f, const char *folder)
{
    *c = (row_chart){ .folder = folder, .min = INFINITY, .max = -INFINITY };
    c->count = f->study->compared_count < ROWS_MAX ? f->study->compared_count : ROWS_MAX;
    for (size_t r = 0; r < c->count; r++)
        c->rows[r] = (row){ .label = f->study->configurations[f->order[r]].label,
                            .style = r,
                            .remark = "",
                            .low = NAN,
                            .middle = NAN,
                            .high = NAN,
                            .untuned = NAN };
}

static void write_dot(FILE *file, const cvy_findings *f, size_t r, size_t s, double value)
{
    fprintf(file, "%zu,", r + 1);
    cvy_csv_text(file, f->study->configurations[f->order[r]].label);
    fprintf(file, "%llu,", (unsigned long long)f->study->seeds[s]);
    if (isfinite(value))
        fprintf(file, "%.9g", value);
    fputc('\n', file);
}

static cvy_status draw_finals(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_study *c = f->study;
    char remarks[ROWS_MAX][64];
    row_chart chart;
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "finals.csv");
    if (status != CVY_OK)
        return status;

    begin(&chart, f, folder);
    fprintf(out.file, "rank,configuration,seed,%s\n", cvy_metric_names[f->metric]);
    for (size_t r = 0; r < chart.count; r++) {
        const cvy_standing *s = &f->standings[f->order[r]];
        const cvy_quartiles *q = &s->final[f->metric];
        chart.rows[r].low = q->q1;
        chart.rows[r].middle = q->median;
        chart.rows[r].high = q->q3;
        const size_t untuned = untuned_of(f, f->order[r]);
        if (untuned < f->standing_count)
            chart.rows[r].untuned = f->standings[untuned].final[f->metric].median;
        widen(&chart, chart.rows[r].untuned);
        if (s->diverged > 0) {
            snprintf(remarks[r], sizeof remarks[r], "%zu of %zu diverged", s->diverged, s->runs);
            chart.rows[r].remark = remarks[r];
        }
        for (size_t i = 0; i < c->seed_count; i++) {
            const double value = cvy_final_value(cvy_study_run_at(c, f->order[r], i), f->metric);
            write_dot(out.file, f, r, i, value);
            widen(&chart, value);
        }
    }
    status = cvy_report_file_close(&out);
    if (status != CVY_OK || !(chart.min <= chart.max))
        return status;
    chart.scale = cvy_metric_rises(f->metric) ? CVY_SCALE_SHARE
                  : chart.min > 0             ? CVY_SCALE_LOG
                                              : CVY_SCALE_LINEAR;
    const size_t images =
        c->setup.validation_count > 0 ? c->setup.validation_count : c->setup.train_count;
    chart.resolution = 0.5 / (double)(images > 0 ? images : 1);
    chart.name = "finals";
    chart.x_label = cvy_metric_titles[f->metric];
    chart.figure = cvy_figures_add(
        figures, "finals.csv", "finals", "At the last evaluation\n" SEEN "median, quartiles%s%s",
        c->seed_count, cvy_plural(c->seed_count), untuned_too(f), best_only(c));
    return chart.figure != NULL ? write_chart(&chart) : CVY_OK;
}

static cvy_status draw_target(const cvy_findings *f, size_t target, const char *folder,
                              cvy_figures *figures)
{
    const cvy_study *c = f->study;
    char remarks[ROWS_MAX][64], data[64], name[48], value[CVY_FIGURE_BYTES];
    row_chart chart;
    cvy_report_file out;
    snprintf(name, sizeof name, "target-%zu", target + 1);
    snprintf(data, sizeof data, "%s.csv", name);
    cvy_status status = cvy_report_file_open(&out, folder, data);
    if (status != CVY_OK)
        return status;

    begin(&chart, f, folder);
    fputs("rank,configuration,seed,steps\n", out.file);
    for (size_t r = 0; r < chart.count; r++) {
        const cvy_hits *h = &f->hits[target * f->standing_count + f->order[r]];
        chart.rows[r].low = h->steps.q1;
        chart.rows[r].middle = h->steps.median;
        chart.rows[r].high = h->steps.q3;
        const size_t untuned = untuned_of(f, f->order[r]);
        if (untuned < f->standing_count)
            chart.rows[r].untuned = f->hits[target * f->standing_count + untuned].steps.median;
        widen(&chart, chart.rows[r].untuned);
        if (h->reached < h->of) {
            snprintf(remarks[r], sizeof remarks[r], "%zu of %zu missed", h->of - h->reached, h->of);
            chart.rows[r].remark = remarks[r];
        }
        for (size_t i = 0; i < c->seed_count; i++) {
            const cvy_study_run *run = cvy_study_run_at(c, f->order[r], i);
            const cvy_point *hit = run != NULL ? cvy_study_hit(run, &c->targets[target]) : NULL;
            write_dot(out.file, f, r, i, hit != NULL ? (double)hit->step : INFINITY);
            widen(&chart, hit != NULL ? (double)hit->step : INFINITY);
        }
    }
    status = cvy_report_file_close(&out);
    if (status != CVY_OK || !(chart.min <= chart.max))
        return status;
    chart.min = 0;
    chart.max *= 1.05;
    chart.name = name;
    chart.x_label = "steps";
    chart.figure = cvy_figures_add(
        figures, data, name, "Steps to %s of %s\n" SEEN "median, quartiles%s%s",
        cvy_metric_print(c->targets[target].metric, c->targets[target].value, value),
        cvy_metric_titles[c->targets[target].metric], c->seed_count, cvy_plural(c->seed_count),
        untuned_too(f), best_only(c));
    return chart.figure != NULL ? write_chart(&chart) : CVY_OK;
}

/* The configuration that the others are subtracted from: the best, the baseline, or the first of the
 * planned pair. */
static size_t minuend_of(const cvy_findings *f)
{
    const cvy_hypotheses *h = &f->study->hypotheses;
    return h->tests == CVY_TESTS_ALL ? f->order[0] : h->first;
}

static void write_differences(FILE *file, const cvy_findings *f, size_t configuration, size_t r,
                              double scale, row_chart *chart)
{
    const cvy_study *c = f->study;

    for (size_t i = 0; i < c->seed_count; i++) {
        const double whole = cvy_final_value(cvy_study_run_at(c, minuend_of(f), i), f->metric);
        const double own = cvy_final_value(cvy_study_run_at(c, configuration, i), f->metric);
        fprintf(file, "%zu,", r + 1);
        cvy_csv_text(file, chart->rows[r].label);
        fprintf(file, "%llu,", (unsigned long long)c->seeds[i]);
        if (isfinite(whole - own)) {
            fprintf(file, "%.9g", scale * (whole - own));
            widen(chart, scale * (whole - own));
        }
        fputc('\n', file);
    }
}

/* A short form of the table's verdict. */
static const char *remark_on(const cvy_findings *f, const cvy_pair *pair, size_t configuration)
{
    const char *verdict = cvy_pair_verdict(f, pair);

    if (pair->is_distinguishable)
        return pair->first == configuration ? "better" : "worse";
    return strcmp(verdict, "no significant difference") == 0 ? "not significant" : verdict;
}

/* A pair's difference is that of its first and its second, of which the minuend may be either. */
static void fill_difference(const cvy_findings *f, const cvy_pair *pair, size_t configuration,
                            double scale, row *w)
{
    const bool is_reversed = pair->first == configuration;

    w->low = scale * (is_reversed ? -pair->interval.high : pair->interval.low);
    w->middle = scale * (is_reversed ? -pair->difference : pair->difference);
    w->high = scale * (is_reversed ? -pair->interval.low : pair->interval.high);
    w->remark = remark_on(f, pair, configuration);
}

/* Only differences that were to be tested have a row. */
static cvy_status write_pairs(const cvy_findings *f, const char *folder, row_chart *chart)
{
    static const char *const columns[] = { [CVY_TESTS_ALL] = "best_minus_it",
                                           [CVY_TESTS_BASELINE] = "baseline_minus_it",
                                           [CVY_TESTS_PAIR] = "first_minus_second" };
    const double scale = cvy_metric_rises(f->metric) ? 100 : 1;
    const size_t shown = chart->count;
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "differences.csv");
    if (status != CVY_OK)
        return status;

    chart->count = 0;
    fprintf(out.file, "rank,configuration,seed,%s\n", columns[f->study->hypotheses.tests]);
    for (size_t r = 0; r < shown; r++) {
        const size_t configuration = f->order[r];
        const cvy_pair *pair = cvy_findings_pair_of(f, configuration, minuend_of(f));
        if (pair == NULL || !pair->is_planned)
            continue;
        row *w = &chart->rows[chart->count++];
        *w = chart->rows[r];
        fill_difference(f, pair, configuration, scale, w);
        write_differences(out.file, f, configuration, chart->count - 1, scale, chart);
        widen(chart, w->low);
        widen(chart, w->high);
    }
    return cvy_report_file_close(&out);
}

static cvy_status draw_pairs(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_hypotheses *h = &f->study->hypotheses;
    const char *minuend = f->study->configurations[minuend_of(f)].label;
    row_chart chart;

    begin(&chart, f, folder);
    cvy_status status = write_pairs(f, folder, &chart);
    if (status != CVY_OK || !(chart.min <= chart.max)) /* all of them diverged */
        return status;
    chart.has_zero = true;
    widen(&chart, 0);
    chart.name = "differences";
    chart.x_label = cvy_metric_rises(f->metric) ? "percentage points" : "difference of losses";
    chart.figure = cvy_figures_add(
        figures, "differences.csv", "differences", "%.60s minus %.60s\n" SEEN "median%s%s", minuend,
        h->tests == CVY_TESTS_PAIR ? f->study->configurations[h->second].label
                                   : "each of the others",
        f->study->seed_count, cvy_plural(f->study->seed_count),
        f->study->seed_count >= CVY_TESTED_SEEDS ? ", its 95 % interval" : "", best_only(f->study));
    return chart.figure != NULL ? write_chart(&chart) : CVY_OK;
}

cvy_status cvy_figures_of_rows(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    cvy_status status = draw_finals(f, folder, figures);

    for (size_t t = 0; status == CVY_OK && t < f->study->target_count; t++)
        status = draw_target(f, t, folder, figures);
    if (status == CVY_OK && f->study->compared_count > 1)
        status = draw_pairs(f, folder, figures);
    return status;
}
