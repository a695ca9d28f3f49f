/* Guesses what a path that does not exist was meant to be: a URL, a pattern that no shell has
 * expanded, a Windows path. */
#ifndef CVY_BASE_PLACE_H
#define CVY_BASE_PLACE_H

#include "base/error.h"

/** A whole sentence about what to type instead; NULL if the path looks ordinary. */
const char *cvy_place_advice(const char *path);

/** Fail with CVY_ERR_OPEN and the sentence "PATH: REASON" of errno; if the file does not exist, the
 *  advice follows on a line of its own. */
cvy_status cvy_fail_to_open(const char *path);

#endif
