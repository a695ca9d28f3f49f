/* Tell printed grids and rules from writing. */
#ifndef CVY_PICTURES_PRINTED_H
#define CVY_PICTURES_PRINTED_H

#include <stdbool.h>

#include "pictures/candidates.h"

/** Whether a candidate is part of a thin frame found earlier, or of straight lines along rows or
 *  columns that continue far beyond it on both sides or to the picture's edge. A pen stroke ends
 *  with its character. */
bool cvy_is_printed(const cvy_scene *scene, const cvy_candidate *candidate);

#endif
