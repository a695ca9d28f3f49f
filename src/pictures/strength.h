/* The strength of ink: the share of its ground's light that it absorbs (or, light on dark, adds),
 * independent of the lighting. */
#ifndef CVY_PICTURES_STRENGTH_H
#define CVY_PICTURES_STRENGTH_H

#include <stdbool.h>

#include "pictures/bytes.h"
#include "pictures/leptonica.h"

/** 255 * (1 - darker / lighter), both slightly raised so that noise in black is weak; 0 if `darker`
 *  is the lighter one. */
unsigned cvy_strength_of(unsigned darker, unsigned lighter);

/**
 * Strength of ink: 1 - level / ground for dark ink, 1 - ground / level for light ink, times 255.
 * The ground is the result of a morphological closing (an opening, for light ink): features
 * narrower than `reach` pixels are ink (Serra, Image Analysis and Mathematical Morphology, 1982). A
 * closing keeps the edges of shadows in place.
 * grey      0 black to 255 white
 * strength  created here
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_strength_measure(const cvy_leptonica *lept, const cvy_bytes *grey, bool is_dark,
                                size_t reach, cvy_bytes *strength);

#endif
