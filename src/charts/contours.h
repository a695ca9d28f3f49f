/* Contour lines of a function given on a grid. */
#ifndef CVY_CHARTS_CONTOURS_H
#define CVY_CHARTS_CONTOURS_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Values at places that are equally far apart, from the first row, at y_min, on. */
typedef struct {
    size_t columns, rows; /* at least 2 each */
    double x_min, x_max, y_min, y_max;
    const double
        *values; /* [rows][columns]; lines leave out squares with a value that is not finite */
} cvy_grid;

/* Where the grid is drawn, in pixels; y goes down. */
typedef struct {
    double left, top, width, height;
} cvy_field;

/** Levels between which areas of about equal size lie, in rising order; fewer than `count` where values are
 *  equal. *found: how many. Returns CVY_ERR_MEMORY. */
cvy_status cvy_contour_levels(const cvy_grid *grid, size_t count, double *levels, size_t *found);

/** Called for each straight piece of a line, with its ends in the coordinates of the grid. */
typedef void cvy_contour_function(void *context, double x1, double y1, double x2, double y2);

/**
 * Find the lines on which the function has a value; there may be none.
 * Marching squares: each square is crossed by straight lines between places found by linear interpolation;
 * where its corners alternate, the mean of the four decides.
 */
void cvy_contour_lines(const cvy_grid *grid, double level, cvy_contour_function *function,
                       void *context);

/** Write these lines as the data of an SVG path. */
void cvy_contour_path(FILE *file, const cvy_grid *grid, double level, const cvy_field *field);

#endif
