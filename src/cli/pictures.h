/* From file names on the command line to images for a model: pictures, folders, IDX files. */
#ifndef CVY_CLI_PICTURES_H
#define CVY_CLI_PICTURES_H

#include "convoy/shape.h"
#include "pictures/ink.h"

/* One picture that was asked for. */
typedef struct {
    char *name;   /* the file; of an IDX file "FILE[12]" */
    char *error;  /* why it could not be read, or NULL: then it is the next of `images` */
    char *report; /* what was done to it, or NULL where nothing was */
} cvy_picture_entry;

typedef struct {
    size_t entry_count, image_count;
    cvy_picture_entry *entries;
    unsigned char *images; /* [image_count][height][width] of the model */
    size_t entry_room, image_room, image_bytes;
} cvy_pictures;

/**
 * Read all that the operands name; a folder stands for the files in it that end like a picture,
 * in the order of their names. What cannot be read becomes an entry with an error.
 * shape     of the model's input: one channel, or a vector that is a square image
 * pictures  released with cvy_pictures_release(), also after a failure
 * Returns CVY_ERR_UNSUPPORTED (a model that does not take grey images), CVY_ERR_MEMORY.
 */
cvy_status cvy_pictures_read(char *const *operands, size_t operand_count, cvy_shape shape,
                             cvy_invert invert, cvy_pictures *pictures);

void cvy_pictures_release(cvy_pictures *pictures);

#endif
