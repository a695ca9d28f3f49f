/* The form of MNIST: position and size of the ink in an image of the model's size. The box of the
 * ink fits 20/28 of the sides, keeping its aspect ratio, and its centre of mass is in the middle
 * (LeCun, Cortes and Burges, The MNIST database of handwritten digits). */
#ifndef CVY_PICTURES_PLACING_H
#define CVY_PICTURES_PLACING_H

#include <stdbool.h>

#include "pictures/plane.h"

typedef struct {
    double scale;            /* pixels of the image per pixel of ink */
    double stroke_width;     /* measured width, in pixels of the image */
    double widened_by;       /* width added to thin strokes, in pixels of the image */
    double shift_x, shift_y; /* from centered box to centered mass, in pixels of the image */
} cvy_placing;

/**
 * Draw ink into an image.
 * ink      0 ground to 1 full ink; not all 0 inside the box
 * image    [image_height][image_width], 0 ground to 255 for the strongest ink
 * Strokes that would become thinner than those of MNIST are widened.
 * image and placing are written only on CVY_OK. Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_placing_draw(const cvy_plane *ink, const cvy_box *box, unsigned char *image,
                            size_t image_width, size_t image_height, cvy_placing *placing);

/** Whether ink on an image of the model's size is already placed like this: its box nearly of the
 *  right size and its mass in the middle within one pixel of 28. */
bool cvy_placing_is_met(const cvy_plane *ink, const cvy_box *box);

#endif
