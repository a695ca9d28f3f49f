/* Folders that reports are written into. A report never mixes with files of somebody else. */
#ifndef CVY_CHARTS_REPORT_FOLDER_H
#define CVY_CHARTS_REPORT_FOLDER_H

#include "base/error.h"

enum { CVY_FOLDER_BYTES_MAX = 2048 }; /* of its name */

/* By what a command knows a folder that it has written: an object in `file` with `key`: `value`. */
typedef struct {
    const char *command;
    const char *file, *key, *value;
} cvy_folder_mark;

/**
 * Whether the folder is new, empty, or has the mark. Looks only. Files whose names begin with a dot,
 * or with the mark's, which may have been on its way to the disk, make no folder somebody else's.
 * Returns CVY_ERR_SETTING for a folder that holds something else, or what is not a folder;
 * CVY_ERR_OPEN.
 */
cvy_status cvy_folder_check(const char *folder, const cvy_folder_mark *mark);

/** Remove the figures of an earlier report from a folder: each NAME.gp that begins as ours do, the picture
 *  that it draws, and the tables that it reads. So no figure of another question stays beside the new ones.
 *  What cannot be removed is left. */
void cvy_folder_clear_figures(const char *folder);

#endif
