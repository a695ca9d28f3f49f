/* Line plots as SVG: one file, nothing from outside, readable on light and on dark paper. */
#ifndef CVY_CHARTS_PLOT_H
#define CVY_CHARTS_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A line. Where x or y is not finite, or not above 0 on a logarithmic axis, it has a gap. */
typedef struct {
    const char *name; /* in the legend, which there is for two lines or more */
    const double *x;  /* rising; NULL: 0, 1, 2 ... */
    const double *y;
    size_t count;
} cvy_plot_series;

typedef struct {
    const char *title;
    const char *subtitle; /* broken into lines where it is long; NULL: none */
    const char *x_label, *y_label;
    bool is_x_log, is_y_log;
    const cvy_plot_series *series;
    size_t series_count;
} cvy_plot;

/**
 * Draw it, as an SVG element that can stand alone or inside of HTML.
 * Of a line with more points than the plot has columns of pixels only those that show are kept.
 * svg  text, released with free()
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_plot_draw(const cvy_plot *plot, char **svg, size_t *bytes);

/** Draw it into a file. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_plot_save(const cvy_plot *plot, const char *path);

#endif
