/* Sampling an image through a map: where each place of the result comes from. */
#ifndef CVY_AUGMENTATIONS_RESAMPLE_H
#define CVY_AUGMENTATIONS_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t height, width, channels;
} cvy_image_form;

/* (x, y) of the result, measured from the middle of the image, comes from
 * (xx x + xy y + x0, yx x + yy y + y0). */
typedef struct {
    double xx, xy, x0, yx, yy, y0;
} cvy_map;

typedef enum { CVY_FILL_REFLECT, CVY_FILL_WRAP, CVY_FILL_CONSTANT, CVY_FILL_NEAREST } cvy_fill_mode;

typedef struct {
    int mode; /* cvy_fill_mode: dcba|abcd|dcba, abcd|abcd|abcd, kkkk|abcd|kkkk, aaaa|abcd|dddd */
    int interpolation; /* 0: bilinear, 1: nearest */
    double value;      /* k */
} cvy_fill;

extern const char *const cvy_fill_modes[], *const cvy_interpolations[];

static inline cvy_map cvy_map_identity(void)
{
    return (cvy_map){ .xx = 1, .yy = 1 };
}

/** The map that first goes through `second`, then through `first`: images that are changed by `first`,
 *  then by `second`, come from there. */
cvy_map cvy_map_after(const cvy_map *first, const cvy_map *second);

bool cvy_fill_is(const cvy_fill *a, const cvy_fill *b);

void cvy_resample(const cvy_image_form *form, const cvy_map *map, const cvy_fill *fill,
                  const uint8_t *from, uint8_t *to);

/** The value of the image at a place, measured from its upper left pixel. */
float cvy_sample_at(const cvy_image_form *form, const cvy_fill *fill, const uint8_t *image, float x,
                    float y, size_t channel);

#endif
