/* A fingerprint of a data set's files, computed without reading their content. */
#ifndef CVY_DATA_FINGERPRINT_H
#define CVY_DATA_FINGERPRINT_H

#include "base/digest.h"

/** Add names, sizes and modification times of all files under `where` to a digest: for a folder,
 *  all files in it and below; for a file, its own; otherwise, the files and folders whose names
 *  start with it. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_fingerprint_add(cvy_digest *digest, const char *where);

#endif
