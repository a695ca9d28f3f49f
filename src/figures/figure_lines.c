/* Charts of lines labeled at their ends, drawn from a CSV file with one block per line. */
#include "figures/figure_lines.h"

#include <math.h>

#include "charts/report_file.h"
#include "charts/characters.h"

enum { FIELD = 250, BELOW = 60 };

cvy_lines cvy_lines_none(size_t count)
{
    cvy_lines l = { .count = count < CVY_CHART_STYLES ? count : CVY_CHART_STYLES,
                    .x_min = INFINITY,
                    .x_max = -INFINITY,
                    .y_min = INFINITY,
                    .y_max = -INFINITY };

    for (size_t i = 0; i < l.count; i++)
        l.lines[i] = (cvy_line){ .label = "",
                                 .last = NAN,
                                 .end = NAN,
                                 .mark_x = { NAN, NAN, NAN },
                                 .mark_y = { NAN, NAN, NAN } };
    return l;
}

void cvy_lines_widen(cvy_lines *l, double x, double y)
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

cvy_chart_axis cvy_lines_metric_axis(const cvy_findings *f, const cvy_lines *l)
{
    const cvy_setup *s = &f->study->setup;
    const size_t images = s->validation_count > 0 ? s->validation_count : s->train_count;

    return cvy_chart_axis_plan(cvy_metric_rises(f->metric) ? CVY_SCALE_SHARE
                               : l->y_min > 0              ? CVY_SCALE_LOG
                                                           : CVY_SCALE_LINEAR,
                               l->y_min, l->y_max, 0.5 / (double)(images > 0 ? images : 1));
}

static void print_ends(FILE *file, const cvy_lines *l, const cvy_chart_axis *x,
                       const cvy_chart_axis *y, size_t characters)
{
    cvy_chart_end ends[CVY_CHART_ENDS];
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++) {
        const cvy_line *line = &l->lines[i];
        if (line->is_there)
            ends[count++] = (cvy_chart_end){
                .label = line->label,
                .style = i,
                .at = isfinite(line->end) ? cvy_chart_axis_place(x, line->end) : 1,
                .place = isfinite(line->last) ? cvy_chart_axis_place(y, line->last) : NAN,
            };
    }
    cvy_chart_ends_print(file, ends, count,
                         l->count * CVY_CHART_LINE > FIELD ? (double)(l->count * CVY_CHART_LINE)
                                                           : FIELD,
                         characters);
}

static void plot_column(FILE *file, const cvy_figure *figure, size_t index, const cvy_chart_axis *x)
{
    fprintf(file, "  '%s' skip 1 index %zu using ", figure->data, index);
    cvy_chart_column(file, x, 2);
    fputc(':', file);
}

static void plot_band(FILE *file, const cvy_figure *figure, size_t index, const cvy_chart_axis *x,
                      const cvy_chart_axis *y)
{
    plot_column(file, figure, index, x);
    cvy_chart_column(file, y, 5);
    fputc(':', file);
    cvy_chart_column(file, y, 6);
    fprintf(file,
            " with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '%s', \\\n",
            cvy_chart_color(index));
}

/* Plot the line and, at infinitely bad values, crosses at the bottom, in a separate row for each
 * line. */
static void plot_line(FILE *file, const cvy_figure *figure, const cvy_lines *l, size_t index,
                      const cvy_chart_axis *x, const cvy_chart_axis *y)
{
    plot_column(file, figure, index, x);
    cvy_chart_column(file, y, 3);
    fputs(l->kind == CVY_LINES_STEPS    ? " with fsteps "
          : l->kind == CVY_LINES_CURVES ? " with lines "
                                        : " with linespoints pointtype 7 pointsize 0.4 ",
          file);
    cvy_chart_style(file, index, 2);
    if (l->kind == CVY_LINES_STEPS)
        return;
    fprintf(file, ", \\\n  '%s' skip 1 index %zu using ($4 > 0 ? ", figure->data, index);
    cvy_chart_column(file, x, 2);
    fprintf(file,
            " : NaN):(%.9g) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '%s'",
            y->min + (0.04 + 0.92 * (double)index / (double)(l->count > 30 ? l->count : 30)) *
                         (y->max - y->min),
            cvy_chart_color(index));
}

static double after_scale(const cvy_chart_axis *axis, double value)
{
    return axis->min + cvy_chart_axis_place(axis, value) * (axis->max - axis->min);
}

static void print_marks(FILE *file, const cvy_lines *l, const cvy_chart_axis *x,
                        const cvy_chart_axis *y)
{
    static const struct {
        int point;
        double size;
    } symbols[CVY_MARKS] = { [CVY_MARK_CIRCLE] = { 7, 1.1 },
                             [CVY_MARK_TRIANGLE] = { 9, 1.1 },
                             [CVY_MARK_CROSS] = { 2, 1 } };

    for (size_t i = 0; i < l->count; i++)
        for (size_t m = 0; m < CVY_MARKS; m++) {
            const cvy_line *line = &l->lines[i];
            if (isfinite(line->mark_x[m]) && isfinite(line->mark_y[m]))
                fprintf(file,
                        "set label '' at %.9g,%.9g point pointtype %d pointsize %g linewidth 2 "
                        "linecolor rgb '%s' front\n",
                        after_scale(x, line->mark_x[m]), after_scale(y, line->mark_y[m]),
                        symbols[m].point, symbols[m].size, cvy_chart_color(i));
        }
}

static size_t longest_label(const cvy_lines *l)
{
    size_t longest = 0;

    for (size_t i = 0; i < l->count; i++) {
        const size_t count = cvy_character_count(l->lines[i].label);
        longest = count > longest ? count : longest;
    }
    return longest;
}

cvy_status cvy_lines_write(const char *folder, const cvy_figure *figure, const cvy_lines *l,
                           const cvy_chart_axis *x, const cvy_chart_axis *y, const char *x_label)
{
    const size_t names = l->count * CVY_CHART_LINE, field = names > FIELD ? names : FIELD;
    const size_t height = CVY_CHART_TOP + field + BELOW;
    const cvy_chart_frame frame = cvy_chart_frame_for(longest_label(l));
    char script[80];
    bool is_first = true;
    cvy_report_file out;
    snprintf(script, sizeof script, "%s.gp", figure->name);
    cvy_status status = cvy_report_file_open(&out, folder, script);
    if (status != CVY_OK)
        return status;

    cvy_chart_begin(out.file, figure->name, figure->title, &frame, height);
    fprintf(out.file,
            "set lmargin at screen %g\nset rmargin at screen %g\nset tmargin at screen %.4f\n"
            "set bmargin at screen %.4f\nset xlabel '%s' noenhanced offset 0,0.7\n",
            frame.left, frame.right, 1 - (double)CVY_CHART_TOP / (double)height,
            (double)BELOW / (double)height, x_label);
    cvy_chart_axis_print(out.file, "y", y);
    if (l->x_ticks != NULL)
        fprintf(out.file, "set xrange [%.9g:%.9g]\nset xtics (%s) offset 0,0.3 noenhanced\n",
                x->min, x->max, l->x_ticks);
    else
        cvy_chart_axis_print(out.file, "x", x);
    print_ends(out.file, l, x, y, frame.characters);
    print_marks(out.file, l, x, y);
    fputs("plot \\\n", out.file);
    const bool has_bands = l->kind == CVY_LINES_BANDS || l->kind == CVY_LINES_CURVES;
    for (size_t i = 0; i < l->count && has_bands; i++)
        if (l->lines[i].is_there)
            plot_band(out.file, figure, i, x, y);
    for (size_t i = 0; i < l->count; i++) {
        if (!l->lines[i].is_there)
            continue;
        fputs(is_first ? "" : ", \\\n", out.file);
        plot_line(out.file, figure, l, i, x, y);
        is_first = false;
    }
    fputc('\n', out.file);
    return cvy_report_file_close(&out);
}
