/* The layout of a plane chart, for the SVG and the gnuplot script. */
#ifndef CVY_CHARTS_PLANE_LAYOUT_H
#define CVY_CHARTS_PLANE_LAYOUT_H

#include "charts/plane_chart.h"

/* In pixels. The names of the paths are in one or two columns below the field. */
enum {
    CVY_PLANE_WIDTH = 460,
    CVY_PLANE_LEFT = 48,
    CVY_PLANE_RIGHT = 14,
    CVY_PLANE_TOP = 56,
    CVY_PLANE_FIELD = 330, /* its height */
    CVY_PLANE_TICKS = 46,
    CVY_PLANE_ROW = 20,
    CVY_PLANE_BELOW = 8
};

/** Columns of names: two, or one if a name is too long for half the width. */
size_t cvy_plane_columns(const cvy_plane_chart *chart);

size_t cvy_plane_height(const cvy_plane_chart *chart);

/** The left end of the line sample of path i, from the left and the top; its name is to the
 *  right. */
void cvy_plane_name_place(const cvy_plane_chart *chart, size_t i, double *x, double *y);

/** The opacity of a contour; the lowest is the most opaque. */
double cvy_plane_opacity(const cvy_plane_chart *chart, size_t level);

/** Clip a coordinate to two field sizes outside the field, which looks the same and keeps numbers
 *  short. */
double cvy_plane_limit(double value, double from, double size);

#endif
