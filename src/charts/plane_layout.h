/* Where the parts of a plane chart are, for the SVG and for the gnuplot script of it. */
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

/** Columns of names: two, or one where one of them is too long for half the width. */
size_t cvy_plane_columns(const cvy_plane_chart *chart);

size_t cvy_plane_height(const cvy_plane_chart *chart);

/** Where the sample of the line of path number i begins, from the left and the top; its name is to the right. */
void cvy_plane_name_place(const cvy_plane_chart *chart, size_t i, double *x, double *y);

/** How opaque a contour is: the lowest one most. */
double cvy_plane_opacity(const cvy_plane_chart *chart, size_t level);

/** A coordinate at most two sizes of the field outside of it: as good, and it keeps numbers short. */
double cvy_plane_limit(double value, double from, double size);

#endif
