/* Convert one image to another form: colours to grey and back, and another size. */
#ifndef CVY_DATA_FIT_H
#define CVY_DATA_FIT_H

#include "data/intake.h"

/** The form that results from applying the options to `form`. */
cvy_form cvy_fit_form(const cvy_dataset_options *options, cvy_form form);

static inline bool cvy_form_is(cvy_form a, cvy_form b)
{
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

/**
 * Convert `from` to `to`. Colours become grey by Rec. ITU-R BT.601, Y = 0.299 R + 0.587 G + 0.114
 * B; grey becomes three equal channels. Resizing uses a triangle filter as wide as the step
 * (bilinear when enlarging, antialiased when reducing); the picture is stretched to fit. The result
 * is the same on every machine. Sides of `to` are at most CVY_IMAGE_SIDE_MAX, source sides at most
 * CVY_FIT_SIDE_MAX.
 */
void cvy_fit_image(const uint8_t *from, cvy_form form, uint8_t *to, cvy_form wanted);

enum { CVY_FIT_SIDE_MAX = 8192 };

#endif
