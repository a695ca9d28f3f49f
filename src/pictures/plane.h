/* A plane of floats, and the operations on pictures stored in it. */
#ifndef CVY_PICTURES_PLANE_H
#define CVY_PICTURES_PLANE_H

#include <stddef.h>

#include "base/error.h"

typedef struct {
    size_t width, height;
    float *value; /* [height][width] */
} cvy_plane;

/* A rectangle of pixels; right and bottom are exclusive. */
typedef struct {
    size_t left, top, right, bottom;
} cvy_box;

/** Create a plane of zeros; plane->value is released with cvy_memory_free(). Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_plane_create(cvy_plane *plane, size_t width, size_t height);

/** Dilation: each value becomes the largest within `radius`. wide has the size of plane. */
void cvy_plane_dilate(const cvy_plane *plane, size_t radius, cvy_plane *wide);

/**
 * Draw a plane to scale: pixel (i, j) of the canvas becomes the mean over a square of side 1 /
 * scale at (left + i / scale, top + j / scale). The plane is surrounded by 0.
 */
void cvy_plane_draw(const cvy_plane *plane, double left, double top, double scale,
                    cvy_plane *canvas);

/** Scale a plane to the size of the canvas, each direction separately: each pixel is the mean over
 *  its area. */
void cvy_plane_fill(const cvy_plane *plane, cvy_plane *canvas);

/** Reduce a plane to means over factor x factor pixels; small has exactly 1 / factor of the
 *  sides. */
void cvy_plane_shrink(const cvy_plane *plane, size_t factor, cvy_plane *small);

/** The stroke width in pixels of ink on zero ground: a stroke of length l and width w has area l *
 *  w and, as its total variation, an outline of 2 * l, both in the same unit of ink. 0 for an empty
 *  plane. */
double cvy_plane_stroke_width(const cvy_plane *plane);

/** Compute the centre of mass; 0.5, 0.5 is the middle of the first pixel. The plane must not be
 *  empty. */
void cvy_plane_centre(const cvy_plane *plane, double *x, double *y);

#endif
