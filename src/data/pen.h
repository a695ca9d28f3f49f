/* A pen that writes: smooth curves through points, and ink where the pen has been. Only sums,
 * products, quotients and roots are used, so that every machine draws the same pixels. */
#ifndef CVY_DATA_PEN_H
#define CVY_DATA_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CVY_TRACE_POINTS_MAX = 256 };

/* Where the pen has been: straight pieces from each point to the next, unless the pen was lifted
 * in between. Coordinates are pixels, 0 at the left edge of the first. */
typedef struct {
    float x, y;
    float radius;   /* half the width of the line */
    bool is_lifted; /* the pen came here through the air */
} cvy_trace_point;

typedef struct {
    size_t count;
    cvy_trace_point points[CVY_TRACE_POINTS_MAX];
} cvy_trace;

/**
 * Append the curve that leads through `points`, one of which follows another.
 * Uniform Catmull-Rom spline (Catmull and Rom, A Class of Local Interpolating Splines, 1974); at
 * either end the curve goes on straight. A single point is a dot.
 */
void cvy_pen_curve(cvy_trace *trace, const cvy_trace_point *points, size_t count);

/**
 * Ink: what the line covers of each pixel of image, width x height, as 0 to `ink`; pixels within
 * half of `softness` of the edge lie in between. Every pixel is written.
 * distance  scratch, width x height
 */
void cvy_pen_ink(const cvy_trace *trace, float softness, float ink, float *distance, uint8_t *image,
                 size_t width, size_t height);

#endif
