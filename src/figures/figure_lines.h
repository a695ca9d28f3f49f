/* Charts with one line per configuration. */
#ifndef CVY_FIGURES_FIGURE_LINES_H
#define CVY_FIGURES_FIGURE_LINES_H

#include "charts/chart.h"
#include "figures/figures.h"

/* Symbols on a line: a circle, a triangle, a cross. */
typedef enum { CVY_MARK_CIRCLE, CVY_MARK_TRIANGLE, CVY_MARK_CROSS, CVY_MARKS } cvy_mark;

/* A line of a chart, filled in while its block of data is written. */
typedef struct {
    const char *label;
    double last, end;                            /* its last value and the x of that; NaN: none */
    double mark_x[CVY_MARKS], mark_y[CVY_MARKS]; /* positions of marks; NaN: none */
    bool is_there;
} cvy_line;

/* Blocks of the data: label, x, y, whether it diverged. Bands, and curves, which are bands without
 * points, also have the quartiles. */
typedef enum { CVY_LINES_PLAIN, CVY_LINES_BANDS, CVY_LINES_CURVES, CVY_LINES_STEPS } cvy_lines_kind;

typedef struct {
    cvy_lines_kind kind;
    const char *x_ticks; /* gnuplot's list of ticks, or NULL for numbers */
    double x_min, x_max, y_min, y_max;
    size_t count;
    cvy_line lines[CVY_CHART_STYLES];
} cvy_lines;

/** Lines without values yet, at most CVY_CHART_STYLES. */
cvy_lines cvy_lines_none(size_t count);
void cvy_lines_widen(cvy_lines *lines, double x, double y);

/** Plan the y axis for values of the metric that ranks the configurations. */
cvy_chart_axis cvy_lines_metric_axis(const cvy_findings *f, const cvy_lines *lines);

/** Write the script of a figure. */
cvy_status cvy_lines_write(const char *folder, const cvy_figure *figure, const cvy_lines *lines,
                           const cvy_chart_axis *x, const cvy_chart_axis *y, const char *x_label);

#endif
