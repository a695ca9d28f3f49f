/* Pen strokes: smooth curves through points, and ink along them. Only sums, products, quotients and
 * square roots are used, so every machine draws the same pixels. */
#ifndef CVY_DATA_PEN_H
#define CVY_DATA_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CVY_TRACE_POINTS_MAX = 256 };

/* The path of the pen: straight segments between consecutive points, unless the pen was lifted.
 * Coordinates are pixels, 0 at the left edge of the first. */
typedef struct {
    float x, y;
    float radius;   /* half the line width */
    bool is_lifted; /* the pen moved here without drawing */
} cvy_trace_point;

typedef struct {
    size_t count;
    cvy_trace_point points[CVY_TRACE_POINTS_MAX];
} cvy_trace;

/**
 * Append the curve through consecutive `points`. Uniform Catmull-Rom spline (Catmull and Rom, A
 * Class of Local Interpolating Splines, 1974); both ends are extended straight. A single point
 * draws a dot.
 */
void cvy_pen_curve(cvy_trace *trace, const cvy_trace_point *points, size_t count);

/**
 * Draw the line: set each pixel of image, width x height, to its coverage, from 0 to `ink`; pixels
 * within half of `softness` of the edge get values in between. Every pixel is written.
 * distance  scratch, width x height
 */
void cvy_pen_ink(const cvy_trace *trace, float softness, float ink, float *distance, uint8_t *image,
                 size_t width, size_t height);

#endif
