/* A chart of paths on a plane over contour lines of a function: an SVG that needs no gnuplot, and a
 * gnuplot script for other formats. */
#ifndef CVY_CHARTS_PLANE_CHART_H
#define CVY_CHARTS_PLANE_CHART_H

#include "charts/contours.h"

/* A path; its start and end are marked. */
typedef struct {
    const char *label;
    size_t count;
    const double *xy; /* [count][2]; clipped to the field */
    size_t style;     /* color and dashes, as in chart.h */
} cvy_plane_path;

typedef struct {
    const char *title, *subtitle, *x_label, *y_label;
    cvy_grid grid;
    const double *levels; /* of contours, in increasing order */
    size_t level_count;
    const cvy_plane_path *paths;
    size_t path_count;
    const double *stars; /* [star_count][2]: points to mark, for instance minima */
    size_t star_count;
} cvy_plane_chart;

/** Write the chart as a complete SVG document, with the colors that cvy_html_figure() replaces.
 *  Each path is a polyline of class "path", and its end a circle of class "end", so that a script
 *  can animate them. */
void cvy_plane_chart_write(const cvy_plane_chart *chart, FILE *file);

/** Write the script NAME.gp, which draws the same chart and contains its data. */
void cvy_plane_chart_script(const cvy_plane_chart *chart, const char *name, FILE *file);

#endif
