/* Which files the operands of `predict` mean: files, folders, and names on stdin. */
#ifndef CVY_GALLERY_PICTURE_NAMES_H
#define CVY_GALLERY_PICTURE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/picture_kinds.h"
#include "convoy/status.h"

typedef struct {
    size_t count, room;
    char **name;    /* [count] in the order they are to be read */
    char **trouble; /* [count] NULL, or why there is nothing to read */
    size_t skipped; /* files in folders that are no pictures that can be read */
    size_t skipped_of[CVY_OTHER_PICTURES]; /* those that end like another picture, by kind */
} cvy_picture_names;

/**
 * A file means itself. A folder means the pictures in it, by their ending or their first bytes, in the order of
 * their names, and with `is_recursive` also those in its folders. "-" means names on stdin, one a line, or separated
 * by zero bytes if there are any. Hidden files in folders and the "._NAME" of a Mac are passed over.
 * names  released with cvy_picture_names_release(), also after a failure
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_picture_names_collect(char *const *operands, size_t count, bool is_recursive,
                                     cvy_picture_names *names);
void cvy_picture_names_release(cvy_picture_names *names);

/** "3 HEIC, 1 WebP, 2 other": what was skipped. */
void cvy_picture_names_describe(const cvy_picture_names *names, char *text, size_t size);

#endif
