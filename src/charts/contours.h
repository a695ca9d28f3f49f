/* Contour lines of a function given on a grid. */
#ifndef CVY_CHARTS_CONTOURS_H
#define CVY_CHARTS_CONTOURS_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Values at equally spaced points, beginning with the row at y_min. */
typedef struct {
    size_t columns, rows; /* at least 2 each */
    double x_min, x_max, y_min, y_max;
    const double *values; /* [rows][columns]; squares with a value that is not finite have no
                             lines */
} cvy_grid;

/* The rectangle of the grid in the picture, in pixels; y points down. */
typedef struct {
    double left, top, width, height;
} cvy_field;

/** Choose levels that divide the grid into areas of about equal size, in increasing order; fewer
 *  than `count` if values are equal. *found: their number. Returns CVY_ERR_MEMORY. */
cvy_status cvy_contour_levels(const cvy_grid *grid, size_t count, double *levels, size_t *found);

/** Called for each straight segment of a line, with its ends in the coordinates of the grid. */
typedef void cvy_contour_function(void *context, double x1, double y1, double x2, double y2);

/**
 * Find the lines on which the function has the value `level`; there may be none. Marching squares:
 * segments cross each square between points found by linear interpolation; if the corners
 * alternate, the mean of the four decides.
 */
void cvy_contour_lines(const cvy_grid *grid, double level, cvy_contour_function *function,
                       void *context);

/** Write the contour lines of a level as the data of an SVG path. */
void cvy_contour_path(FILE *file, const cvy_grid *grid, double level, const cvy_field *field);

#endif
