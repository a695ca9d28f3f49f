/* Detect light ink on dark or dark ink on light. In a picture of one character, ink is in the
 * middle and most of the border is free of it. */
#include "data/dataset.h"

enum { IMAGES_MAX = 2000, MARGIN = 16 };

/* Add the sums of the border pixels and of all pixels of an image. */
static void add_image(const cvy_dataset *dataset, const uint8_t *image, double *border,
                      double *whole)
{
    const size_t h = dataset->height, w = dataset->width;

    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++) {
            const double value = image[y * w + x];
            *whole += value;
            if (y == 0 || x == 0 || y == h - 1 || x == w - 1)
                *border += value;
        }
}

cvy_polarity cvy_polarity_of(const cvy_dataset *dataset, const cvy_images *images)
{
    const size_t h = dataset->height, w = dataset->width;
    const size_t step = images->count > IMAGES_MAX ? images->count / IMAGES_MAX : 1;
    double border = 0, whole = 0;
    size_t count = 0;

    if (dataset->channels != 1 || h < 3 || w < 3)
        return CVY_POLARITY_NONE;
    for (size_t i = 0; i < images->count; i += step, count++)
        add_image(dataset, cvy_images_at(images, h * w, i), &border, &whole);
    border /= (double)count * (double)(2 * (h + w) - 4);
    whole /= (double)count * (double)(h * w);
    if (border > 127.5 && border > whole + MARGIN)
        return CVY_POLARITY_DARK_ON_LIGHT;
    if (border < 127.5 && border < whole - MARGIN)
        return CVY_POLARITY_LIGHT_ON_DARK;
    return CVY_POLARITY_NONE;
}
