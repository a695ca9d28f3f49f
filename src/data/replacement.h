/* A file or a folder that is made beside its place and takes it in one step, so that readers see the old one or
 * the new one, and never a part of either. */
#ifndef CVY_DATA_REPLACEMENT_H
#define CVY_DATA_REPLACEMENT_H

#include <stdbool.h>

#include "base/error.h"

enum { CVY_REPLACEMENT_PATH_BYTES = 4096 };

typedef struct {
    char path[CVY_REPLACEMENT_PATH_BYTES]; /* where it is made; empty: it has appeared */
    bool is_folder;
    int lock; /* held while it is made: what nobody has locked was left by a killed process */
} cvy_replacement;

/** Make an empty file or folder beside `target`, and remove those that killed processes left there. Returns
 *  CVY_ERR_OPEN; then there is nothing to end. */
cvy_status cvy_replacement_begin(const char *target, bool is_folder, cvy_replacement *made);

/** It takes the place of `target`, which is removed. Returns CVY_ERR_WRITE: `target` is as it was. */
cvy_status cvy_replacement_appear(cvy_replacement *made, const char *target);

/** Remove it, unless it has appeared, and release the lock. */
void cvy_replacement_end(cvy_replacement *made);

#endif
