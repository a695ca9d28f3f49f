/* A file or folder that is built next to its target and replaces it in one step, so readers see
 * either the old or the new version, never a partial one. */
#ifndef CVY_DATA_REPLACEMENT_H
#define CVY_DATA_REPLACEMENT_H

#include <stdbool.h>

#include "base/error.h"

enum { CVY_REPLACEMENT_PATH_BYTES = 4096 };

typedef struct {
    char path[CVY_REPLACEMENT_PATH_BYTES]; /* where it is built; "" once it is in place */
    bool is_folder;
    int lock; /* held while it is built; an unlocked one was left by a killed process */
} cvy_replacement;

/** Create an empty file or folder next to `target`, and remove leftovers of killed processes.
 *  Returns CVY_ERR_OPEN; then cvy_replacement_end() is not needed. */
cvy_status cvy_replacement_begin(const char *target, bool is_folder, cvy_replacement *made);

/** Replace `target` with it. Returns CVY_ERR_WRITE; then `target` is unchanged. */
cvy_status cvy_replacement_appear(cvy_replacement *made, const char *target);

/** Remove it unless it has replaced the target, and release the lock. */
void cvy_replacement_end(cvy_replacement *made);

#endif
