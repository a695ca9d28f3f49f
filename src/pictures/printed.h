/* Telling what is printed on paper, squares and rules, from what is written on it. */
#ifndef CVY_PICTURES_PRINTED_H
#define CVY_PICTURES_PRINTED_H

#include <stdbool.h>

#include "pictures/candidates.h"

/** Whether a candidate is a part of a thin frame that was found, or of straight lines, along rows or columns,
 *  that go on far beyond it on both sides or to the edge of the picture. A pen's stroke ends where the character
 *  does. */
bool cvy_is_printed(const cvy_scene *scene, const cvy_candidate *candidate);

#endif
