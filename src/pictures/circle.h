/* Recognise a circle that was drawn around a character, such as the number of an exercise. */
#ifndef CVY_PICTURES_CIRCLE_H
#define CVY_PICTURES_CIRCLE_H

#include "pictures/pieces.h"

/**
 * Whether a piece is a closed, roughly elliptic stroke with ink inside that is large enough for a
 * character. A 0 has nothing inside, and a 6, 8 or 9 has its own ink there.
 * width  of the plane
 */
bool cvy_is_circle_around(const cvy_pieces *pieces, size_t piece, size_t width);

#endif
