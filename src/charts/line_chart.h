/* A chart of one line in its own file. */
#ifndef CVY_CHARTS_LINE_CHART_H
#define CVY_CHARTS_LINE_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    const char *title, *subtitle; /* one line each; the middle of a long subtitle is left out */
    const char *x_label, *y_label;
    bool is_log;     /* logarithmic y axis; values of 0 and below are then left out */
    const double *y; /* at x = 0, 1, 2 ...; values that are not finite leave a gap */
    size_t count;
} cvy_line_chart;

/**
 * Draw the chart with gnuplot and write it to `path` as SVG.
 * Returns CVY_ERR_OPEN (no gnuplot, or no such folder), CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_line_chart_save(const cvy_line_chart *chart, const char *path);

#endif
