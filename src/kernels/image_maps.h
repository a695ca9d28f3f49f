/* What Keras's random image layers do, for the layers of a model and for --augment alike: how a factor is drawn,
 * where each place of the result comes from, and what lies outside of the image. Source: Keras 3, RandomFlip,
 * RandomTranslation, RandomRotation, RandomZoom, RandomShear, RandomBrightness and RandomContrast. */
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

/* What lies outside of an image and between its pixels. */
typedef struct {
    int mode;          /* cvy_fill_mode */
    int interpolation; /* 0: bilinear, 1: nearest */
    double value;      /* of CVY_FILL_CONSTANT */
} cvy_fill;

extern const char *const cvy_fill_modes[];     /* their names, as a setting's choices */
extern const char *const cvy_interpolations[]; /* bilinear, nearest */

/** The value of a factor "f", which means -f to f, or of "[low;high]"; unit is drawn from [0, 1). */
double cvy_factor_at(const cvy_float_list *factor, double unit);

/** What distances from the mean are multiplied by: from 1 - f to 1 + f, or from 1 - low to 1 + high. */
double cvy_contrast_at(const cvy_float_list *factor, double unit);

static inline cvy_map cvy_map_identity(void)
{
    return (cvy_map){ .xx = 1, .yy = 1 };
}

/** Moved by so many pixels to the right and down. */
cvy_map cvy_map_moved(double right, double down);

/** Turned counter-clockwise by a part of a full turn. */
cvy_map cvy_map_turned(double turns);

/** 1 + by times as much of width and height is seen. */
cvy_map cvy_map_zoomed(double by_width, double by_height);

/** Slanted by x columns for each row and y rows for each column, with the upper left pixel fixed, as in Keras. */
cvy_map cvy_map_sheared(double x, double y, double width, double height);

/** The same map for places that are measured from the upper left pixel. */
cvy_map cvy_map_from_corner(const cvy_map *map, double width, double height);

/** The pixel, 0 .. size - 1, that a place in a row or column of `size` stands for; -1: the fill value. */
long cvy_fill_fold(long at, long size, int mode);

#endif
