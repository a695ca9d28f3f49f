/* Find the files named by the operands of `predict`: files, folders, and names on stdin. */
#ifndef CVY_GALLERY_PICTURE_NAMES_H
#define CVY_GALLERY_PICTURE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/picture_kinds.h"
#include "convoy/status.h"

typedef struct {
    size_t count, room;
    char **name;    /* [count] in reading order */
    char **trouble; /* [count] NULL, or the reason why there is nothing to read */
    size_t skipped; /* files in folders that are no readable pictures */
    size_t skipped_of[CVY_OTHER_PICTURES]; /* with other picture extensions, by kind */
} cvy_picture_names;

/**
 * Collect file names from the operands. A file stands for itself. A folder stands for the pictures
 * in it, by extension or first bytes, sorted by name, and with `is_recursive` also for those in its
 * subfolders. "-" stands for names on stdin, one per line, or separated by zero bytes if there are
 * any. Hidden files in folders and "._NAME" of macOS are skipped.
 * names  released with cvy_picture_names_release(), also after a failure
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_picture_names_collect(char *const *operands, size_t count, bool is_recursive,
                                     cvy_picture_names *names);
void cvy_picture_names_release(cvy_picture_names *names);

/** Describe the skipped files: "3 HEIC, 1 WebP, 2 other". */
void cvy_picture_names_describe(const cvy_picture_names *names, char *text, size_t size);

#endif
