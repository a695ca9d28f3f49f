/* From file names to images for a model, several files at a time. */
#ifndef CVY_GALLERY_PICTURES_H
#define CVY_GALLERY_PICTURES_H

#include "convoy/picture.h"

/* One picture that was asked for, or one image of an IDX file. */
typedef struct {
    char *name;           /* the file; of an IDX file "FILE[12]" */
    char *error;          /* why it could not be read, or NULL */
    size_t first, count;  /* its images */
    size_t others;        /* characters that were not read */
    char **report;        /* [count] what was done, or NULL for an IDX file */
    cvy_input_info *info; /* [count] likewise */
} cvy_picture_entry;

typedef struct {
    size_t entry_count, image_count;
    cvy_picture_entry *entries;
    unsigned char *images; /* [image_count][height][width][channels] of the model */
    size_t entry_room, image_room, image_bytes;
} cvy_pictures;

/**
 * Read files; those that are IDX files by their content give an entry for each image. What cannot be read
 * becomes an entry with an error.
 * trouble   [count] NULL, or an error that is known already
 * threads   files that are decoded at a time
 * pictures  released with cvy_pictures_release(), also after a failure
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_pictures_read(char *const *names, char *const *trouble, size_t count,
                             const cvy_picture_options *options, size_t threads,
                             cvy_pictures *pictures);

/** Release everything, which may be nothing yet. */
void cvy_pictures_release(cvy_pictures *pictures);

#endif
