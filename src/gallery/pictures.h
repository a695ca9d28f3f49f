/* Convert files to images for a model, several files at a time. */
#ifndef CVY_GALLERY_PICTURES_H
#define CVY_GALLERY_PICTURES_H

#include "convoy/picture.h"

/* One requested picture, or one image of an IDX file. */
typedef struct {
    char *name;           /* the file name; "FILE[12]" for an image of an IDX file */
    char *error;          /* why it could not be read, or NULL */
    size_t first, count;  /* its images */
    size_t others;        /* number of characters not read */
    char **report;        /* [count] the steps applied, or NULL for an IDX file */
    cvy_input_info *info; /* [count] details of each image */
} cvy_picture_entry;

typedef struct {
    size_t entry_count, image_count;
    cvy_picture_entry *entries;
    unsigned char *images; /* [image_count][height][width][channels] as the model expects */
    size_t entry_room, image_room, image_bytes;
} cvy_pictures;

/**
 * Read files. A file with IDX content yields one entry per image. An unreadable file becomes an
 * entry with an error.
 * trouble   [count] NULL, or an error already known
 * threads   number of files decoded at a time
 * pictures  released with cvy_pictures_release(), also after a failure
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_pictures_read(char *const *names, char *const *trouble, size_t count,
                             const cvy_picture_options *options, size_t threads,
                             cvy_pictures *pictures);

/** Release everything; a zeroed struct is allowed. */
void cvy_pictures_release(cvy_pictures *pictures);

#endif
