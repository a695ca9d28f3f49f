/* What was probably meant by a path that does not exist: a URL, a pattern that no shell has expanded, a path of
 * Windows. */
#ifndef CVY_BASE_PLACE_H
#define CVY_BASE_PLACE_H

#include "base/error.h"

/** A whole sentence about what to type instead; NULL: the path looks like any other. */
const char *cvy_place_advice(const char *path);

/** CVY_ERR_OPEN with the sentence "PATH: REASON" of errno, and the advice on a line of its own where the file does
 * not exist. */
cvy_status cvy_fail_to_open(const char *path);

#endif
