/* Samples an image through a map, which says where each place of the result comes from. */
#ifndef CVY_AUGMENTATIONS_RESAMPLE_H
#define CVY_AUGMENTATIONS_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/image_maps.h"

typedef struct {
    size_t height, width, channels;
} cvy_image_form;

/** Compose two maps: go through `second`, then through `first`, to get images changed by `first`
 *  and then by `second`. */
cvy_map cvy_map_after(const cvy_map *first, const cvy_map *second);

bool cvy_fill_is(const cvy_fill *a, const cvy_fill *b);

void cvy_resample(const cvy_image_form *form, const cvy_map *map, const cvy_fill *fill,
                  const uint8_t *from, uint8_t *to);

/** The value of the image at a place, relative to its upper left pixel. */
float cvy_sample_at(const cvy_image_form *form, const cvy_fill *fill, const uint8_t *image, float x,
                    float y, size_t channel);

#endif
