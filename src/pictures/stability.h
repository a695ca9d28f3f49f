/* Whether a piece of ink is the whole of what was written there. */
#ifndef CVY_PICTURES_STABILITY_H
#define CVY_PICTURES_STABILITY_H

#include "pictures/candidates.h"

/** Whether a candidate stays much the same when the threshold drops a little. A piece of a drawn line that
 *  noise has cut out grows along the line, and a dark area with holes that noise has made becomes solid. Uses
 *  the scratch memory of scene->pieces. */
bool cvy_is_stable(const cvy_scene *scene, const cvy_candidate *candidate);

#endif
