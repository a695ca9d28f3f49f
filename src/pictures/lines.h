/* Lines that are printed on paper: ruled, squared, the sides of boxes and of cells. */
#ifndef CVY_PICTURES_LINES_H
#define CVY_PICTURES_LINES_H

#include "pictures/bytes.h"
#include "pictures/leptonica.h"

/**
 * Take long straight lines out of a plane: where a line is alone, its pixels become 0; where a stroke
 * crosses it they stay, since across the line the ink goes further than the line is wide.
 * strength   pixels of at least `threshold` are ink
 * length     of a line, in pixels, at least 8
 * frame      NULL, or a box: only lines along its sides are taken
 * erased     how many pixels became 0
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_lines_erase(const cvy_leptonica *lept, cvy_bytes *strength, unsigned threshold,
                           size_t length, const cvy_box *frame, size_t *erased);

#endif
