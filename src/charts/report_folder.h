/* Folders for reports. A report is never mixed with unrelated files. */
#ifndef CVY_CHARTS_REPORT_FOLDER_H
#define CVY_CHARTS_REPORT_FOLDER_H

#include "base/error.h"

enum { CVY_FOLDER_BYTES_MAX = 2048 }; /* of a folder's name */

/* How a command recognizes a folder that it has written: an object in `file` with `key`:
 * `value`. */
typedef struct {
    const char *command;
    const char *file, *key, *value;
} cvy_folder_mark;

/**
 * Check that the folder is new, empty, or has the mark. Changes nothing. Files whose names begin
 * with a dot, or with the mark's name (an interrupted write of the mark), are ignored.
 * Returns CVY_ERR_SETTING if the folder contains other files or is not a folder; CVY_ERR_OPEN.
 */
cvy_status cvy_folder_check(const char *folder, const cvy_folder_mark *mark);

/** Remove the figures of an earlier report from a folder: each NAME.gp that begins like ours, the
 *  picture that it draws, and the tables that it reads, so that no figure of another question stays
 *  next to the new ones. Files that cannot be removed are left. */
void cvy_folder_clear_figures(const char *folder);

#endif
