/* From a decoded picture to grey levels or to plain colours. */
#ifndef CVY_FORMATS_GREY_H
#define CVY_FORMATS_GREY_H

#include "formats/pixels.h"

/**
 * Turn pixels into colours of eight bits without transparency, in place: 16-bit samples that use less
 * than a quarter of their range are stretched; transparency is laid over white, or over black where what
 * can be seen is light, and is left out where nothing could be seen.
 * Afterwards there are 1 or 3 channels.
 */
void cvy_pixels_flatten(cvy_pixels *pixels);

/**
 * Turn flattened colours into grey, 0 black to 255 white, in place: weighted as in ITU-R BT.601, or,
 * where colours of equal lightness meet (red on green), by the direction in which they differ most.
 */
void cvy_pixels_to_grey(cvy_pixels *pixels);

#endif
