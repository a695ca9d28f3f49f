/* How much of the light of its ground each pixel's ink takes (or, light on dark, adds), whatever the
 * light on the ground is. */
#ifndef CVY_PICTURES_STRENGTH_H
#define CVY_PICTURES_STRENGTH_H

#include <stdbool.h>

#include "pictures/bytes.h"
#include "pictures/leptonica.h"

/** 255 * (1 - darker / lighter), both a little raised, so that noise in black is not strong; 0 when
 *  `darker` is the lighter one. */
unsigned cvy_strength_of(unsigned darker, unsigned lighter);

/**
 * Strength of ink: 1 - level / ground for dark ink, 1 - ground / level for light ink, times 255. The
 * ground is what a morphological closing (an opening, for light ink) leaves: what is narrower than
 * `reach` pixels is ink (Serra, Image Analysis and Mathematical Morphology, 1982). A closing keeps the
 * edges of shadows where they are.
 * grey      0 black to 255 white
 * strength  created here
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_strength_measure(const cvy_leptonica *lept, const cvy_bytes *grey, bool is_dark,
                                size_t reach, cvy_bytes *strength);

#endif
