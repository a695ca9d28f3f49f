/* Check that a piece of ink is complete. */
#ifndef CVY_PICTURES_STABILITY_H
#define CVY_PICTURES_STABILITY_H

#include "pictures/candidates.h"

/** Whether a candidate hardly changes when the threshold drops slightly. A piece cut out of a drawn
 *  line by noise grows along the line, and a dark area with holes from noise becomes solid. Uses
 *  the scratch memory of scene->pieces. */
bool cvy_is_stable(const cvy_scene *scene, const cvy_candidate *candidate);

#endif
