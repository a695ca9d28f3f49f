/* Draw the characters found by a search, from the full-size picture. */
#ifndef CVY_PICTURES_REDRAW_H
#define CVY_PICTURES_REDRAW_H

#include "pictures/search.h"

/**
 * Draw one group of a search as an image in the form of MNIST.
 * grey    [height][width], the picture that was searched
 * image   [image_height][image_width], written only on CVY_OK
 * report  all fields except is_kept and background, written only on CVY_OK
 * Returns CVY_OK, CVY_ERR_DATA (the group vanishes at full size), CVY_ERR_MEMORY.
 */
cvy_status cvy_redraw_group(const cvy_search *search, size_t group, const unsigned char *grey,
                            size_t width, size_t height, unsigned char *image, size_t image_width,
                            size_t image_height, cvy_ink_report *report);

#endif
