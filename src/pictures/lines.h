/* Lines printed on paper: rules, grids, sides of boxes and cells. */
#ifndef CVY_PICTURES_LINES_H
#define CVY_PICTURES_LINES_H

#include "pictures/bytes.h"
#include "pictures/leptonica.h"

/**
 * Remove long straight lines from a plane. The pixels of a line become 0, except where a stroke
 * crosses it: there the ink across the line is longer than the line is wide.
 * strength   pixels of at least `threshold` are ink
 * length     length of a line in pixels, at least 8
 * frame      NULL, or a box: only lines along its sides are removed
 * erased     number of pixels set to 0
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_lines_erase(const cvy_leptonica *lept, cvy_bytes *strength, unsigned threshold,
                           size_t length, const cvy_box *frame, size_t *erased);

#endif
