/* Convert a decoded picture to grey levels or plain colours. */
#ifndef CVY_FORMATS_GREY_H
#define CVY_FORMATS_GREY_H

#include "formats/pixels.h"

/**
 * Convert pixels to 8-bit colours without transparency, in place. 16-bit samples that use less than
 * a quarter of their range are stretched. Transparent pixels are blended with white, or with black
 * if the visible ones are light; transparency is ignored if no pixel would be visible. The result
 * has 1 or 3 channels.
 */
void cvy_pixels_flatten(cvy_pixels *pixels);

/**
 * Convert flattened colours to grey, 0 black to 255 white, in place: weighted as in ITU-R BT.601,
 * or, if the colours have similar lightness (red on green), along the direction in which they
 * differ most.
 */
void cvy_pixels_to_grey(cvy_pixels *pixels);

#endif
