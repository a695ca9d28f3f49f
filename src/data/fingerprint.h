/* What a data set is made of, without reading it. */
#ifndef CVY_DATA_FINGERPRINT_H
#define CVY_DATA_FINGERPRINT_H

#include "base/digest.h"

/** Add names, sizes and times of change of all files under `where` to a digest: of a folder those in it and
 *  further down, of a file its own, and of neither those in its folder that begin like it. Returns
 *  CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_fingerprint_add(cvy_digest *digest, const char *where);

#endif
