#include "train/preprocessing.h"

#include <math.h>

void cvy_preprocessing_choose(cvy_image_run images, float *scale, float *offset)
{
    const size_t count = images.count * images.image_bytes;
    uint64_t histogram[256] = { 0 };
    double sum = 0, squares = 0;

    for (size_t i = 0; i < images.count; i++) {
        const uint8_t *pixels = cvy_image_at(&images, i);
        for (size_t p = 0; p < images.image_bytes; p++)
            histogram[pixels[p]]++;
    }
    for (size_t value = 0; value < 256; value++) {
        sum += (double)value * (double)histogram[value];
        squares += (double)(value * value) * (double)histogram[value];
    }
    const double mean = sum / (double)count;
    const double variance = squares / (double)count - mean * mean;
    const double deviation = variance > 0.25 ? sqrt(variance) : 255; /* pictures of one colour */
    *scale = (float)(1 / deviation);
    *offset = (float)(-mean / deviation);
}
