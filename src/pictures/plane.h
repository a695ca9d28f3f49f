/* A plane of floats and the few things that are done to pictures on it. */
#ifndef CVY_PICTURES_PLANE_H
#define CVY_PICTURES_PLANE_H

#include <stddef.h>

#include "base/error.h"

typedef struct {
    size_t width, height;
    float *value; /* [height][width] */
} cvy_plane;

/* A rectangle of pixels, its right and bottom edge not included. */
typedef struct {
    size_t left, top, right, bottom;
} cvy_box;

/** All zero; plane->value is released with cvy_memory_free(). Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_plane_create(cvy_plane *plane, size_t width, size_t height);

/** Dilation: each value becomes the largest within `radius`. wide has the size of plane. */
void cvy_plane_dilate(const cvy_plane *plane, size_t radius, cvy_plane *wide);

/**
 * Draw a plane to scale: pixel (i, j) of the canvas becomes the mean over what it covers, from
 * left + i / scale and top + j / scale on, 1 / scale wide and high. Around the plane there is 0.
 */
void cvy_plane_draw(const cvy_plane *plane, double left, double top, double scale,
                    cvy_plane *canvas);

/** Scale a plane to the size of the canvas, each direction by itself: means over what a pixel covers. */
void cvy_plane_fill(const cvy_plane *plane, cvy_plane *canvas);

/** Means over factor x factor pixels; small has exactly 1 / factor of the sides. */
void cvy_plane_shrink(const cvy_plane *plane, size_t factor, cvy_plane *small);

/** How wide the strokes are that a plane shows on zero ground, in pixels: a stroke of length l and
 *  width w has area l * w and, as its total variation, an outline of 2 * l, both in the same unit
 *  of ink. 0 for an empty plane. */
double cvy_plane_stroke_width(const cvy_plane *plane);

/** Centre of mass; 0.5, 0.5 is the middle of the first pixel. There must be some mass. */
void cvy_plane_centre(const cvy_plane *plane, double *x, double *y);

#endif
