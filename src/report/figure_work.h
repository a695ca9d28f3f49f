/* What the files that make figures share. */
#ifndef CVY_REPORT_FIGURE_WORK_H
#define CVY_REPORT_FIGURE_WORK_H

#include <stdio.h>

#include "report/chart.h"
#include "report/figures.h"

/* A text file of the report, written in memory first. */
typedef struct {
    const char *folder, *name;
    FILE *file;
    char *text;
    size_t bytes;
} cvy_pen;

cvy_status cvy_pen_open(cvy_pen *pen, const char *folder, const char *name);

/** Write it. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_pen_close(cvy_pen *pen);

/** The next figure, or NULL when there is room for no more. */
cvy_figure *cvy_figures_add(cvy_figures *figures, const char *data, const char *name,
                            const char *title, ...) __attribute__((format(printf, 4, 5)));

/** A cell of CSV in quotes. */
void cvy_csv_text(FILE *file, const char *text);

/** A number and a comma; an empty cell where it is not finite. */
void cvy_csv_number(FILE *file, double value);

/* A line of a chart, as its block of data is written. */
typedef struct {
    const char *label;
    double last, end; /* its last value, and where on the x axis that is; NaN: it has none */
    bool is_there;
} cvy_line;

/* Blocks of the data: label, x, y, whether that diverged; with bands also the quartiles. */
typedef enum { CVY_LINES_PLAIN, CVY_LINES_BANDS, CVY_LINES_STEPS } cvy_lines_kind;

typedef struct {
    cvy_lines_kind kind;
    const char *x_ticks; /* gnuplot's list, or NULL for numbers */
    double x_min, x_max, y_min, y_max;
    size_t count;
    cvy_line lines[CVY_CHART_STYLES];
} cvy_lines;

/** Lines without values, at most CVY_CHART_STYLES. */
cvy_lines cvy_lines_none(size_t count);
void cvy_lines_widen(cvy_lines *lines, double x, double y);

/** The y axis for values of the metric that contestants are ranked by. */
cvy_chart_axis cvy_lines_metric_axis(const cvy_findings *f, const cvy_lines *lines);

/** Write the script of a figure. */
cvy_status cvy_lines_write(const char *folder, const cvy_figure *figure, const cvy_lines *lines,
                           const cvy_chart_axis *x, const cvy_chart_axis *y, const char *x_label);

/** Training loss, validation loss and accuracy against steps and seconds, with the rates below. */
cvy_status cvy_figures_of_curves(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Rows of dots: final values, steps to each target, differences from the best. */
cvy_status cvy_figures_of_rows(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** What learning rates do, what tuning brings, and the performance profile. */
cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The performance profile alone; problem  what one is. */
cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *problem, const char *folder,
                                  cvy_figures *figures);

/** Final values against each setting that --grid, or more than one --learning-rate, varied. */
cvy_status cvy_figures_of_settings(const cvy_findings *f, const char *folder, cvy_figures *figures);

#endif
