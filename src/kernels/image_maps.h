/* The maps of Keras's random image layers, both for layers of a model and for --augment: how a
 * factor is drawn, which position each position of the result comes from, and how the outside of
 * the image is filled. Source: Keras 3, RandomFlip, RandomTranslation, RandomRotation, RandomZoom,
 * RandomShear, RandomBrightness and RandomContrast. */
#ifndef CVY_KERNELS_IMAGE_MAPS_H
#define CVY_KERNELS_IMAGE_MAPS_H

#include "base/settings.h"

/* (x, y) of the result, measured from the middle of the image, comes from
 * (xx x + xy y + x0, yx x + yy y + y0). */
typedef struct {
    double xx, xy, x0, yx, yy, y0;
} cvy_map;

/* dcba|abcd|dcba, abcd|abcd|abcd, kkkk|abcd|kkkk, aaaa|abcd|dddd */
typedef enum { CVY_FILL_REFLECT, CVY_FILL_WRAP, CVY_FILL_CONSTANT, CVY_FILL_NEAREST } cvy_fill_mode;

/* How to compute values outside an image and between its pixels. */
typedef struct {
    int mode;          /* cvy_fill_mode */
    int interpolation; /* 0: bilinear, 1: nearest */
    double value;      /* of CVY_FILL_CONSTANT */
} cvy_fill;

extern const char *const cvy_fill_modes[];     /* names, as choices of a setting */
extern const char *const cvy_interpolations[]; /* bilinear, nearest */

/** The value of a factor "f", which means -f to f, or "[low;high]"; unit is drawn from [0, 1). */
double cvy_factor_at(const cvy_float_list *factor, double unit);

/** The factor of distances from the mean: from 1 - f to 1 + f, or from 1 - low to 1 + high. */
double cvy_contrast_at(const cvy_float_list *factor, double unit);

static inline cvy_map cvy_map_identity(void)
{
    return (cvy_map){ .xx = 1, .yy = 1 };
}

/** Translate by so many pixels to the right and down. */
cvy_map cvy_map_moved(double right, double down);

/** Rotate counter-clockwise by a fraction of a full turn. */
cvy_map cvy_map_turned(double turns);

/** Zoom: the result shows 1 + by times the width and height. */
cvy_map cvy_map_zoomed(double by_width, double by_height);

/** Shear by x columns per row and y rows per column, with the upper left pixel fixed,
 *  as in Keras. */
cvy_map cvy_map_sheared(double x, double y, double width, double height);

/** Convert a map to positions measured from the upper left pixel. */
cvy_map cvy_map_from_corner(const cvy_map *map, double width, double height);

/** The pixel, 0 .. size - 1, for a position inside or outside a row or column of `size`; -1: the
 *  fill value. */
long cvy_fill_fold(long at, long size, int mode);

#endif
