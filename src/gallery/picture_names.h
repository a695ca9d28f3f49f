/* Which files the operands of `predict` mean: files, folders, and names on stdin. */
#ifndef CVY_GALLERY_PICTURE_NAMES_H
#define CVY_GALLERY_PICTURE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/status.h"

enum { CVY_SKIPPED_KINDS_MAX = 16 };

typedef struct {
    size_t count, room;
    char **name;    /* [count] in the order they are to be read */
    char **trouble; /* [count] NULL, or why there is nothing to read */
    size_t skipped; /* files in folders that do not end like a picture that can be read */
    size_t skipped_of[CVY_SKIPPED_KINDS_MAX]; /* those that end like another picture, by kind */
} cvy_picture_names;

/**
 * A file means itself; a folder means the files in it that end like a picture, in the order of their
 * names, with `is_recursive` also those in its folders; "-" for names on stdin, one a line, or separated
 * by zero bytes if there are any. Hidden files are passed over.
 * names  released with cvy_picture_names_release(), also after a failure
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_picture_names_collect(char *const *operands, size_t count, bool is_recursive,
                                     cvy_picture_names *names);
void cvy_picture_names_release(cvy_picture_names *names);

/** "3 HEIC, 1 WebP, 2 other": what was skipped. */
void cvy_picture_names_describe(const cvy_picture_names *names, char *text, size_t size);

#endif
