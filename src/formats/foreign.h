/* Files of other programs, recognised by their first bytes, so that a refusal can say what they are and what
 * to do with them. Nothing of their content is read. */
#ifndef CVY_FORMATS_FOREIGN_H
#define CVY_FORMATS_FOREIGN_H

#include <stdbool.h>

#include "base/error.h"

/* What a file is. */
typedef struct {
    const char *name; /* "an HDF5 file, as Keras saves it" */
    const char
        *advice; /* a whole sentence: what to do instead of giving it as a model; NULL: nothing */
    const char *data; /* likewise, instead of giving it as data; NULL: nothing */
} cvy_foreign;

/* What convoy reads. */
typedef enum { CVY_WANTED_MODEL, CVY_WANTED_ARCHITECTURE, CVY_WANTED_DATA } cvy_wanted;

/** What the file or folder is, or NULL for one that is not known or cannot be read. */
const cvy_foreign *cvy_foreign_recognise(const char *path);

/** Whether it is a model that Keras 3 saved, by the name of its first entry. */
bool cvy_foreign_is_keras(const char *path);

/**
 * Why a file could not be read. Returns `status`; the sentence kept last is replaced by "PATH: an HDF5
 * file, ..., expected a trained model (.safetensors)" and advice when the file is recognised and is not of the
 * kind that was wanted. CVY_OK and CVY_ERR_MEMORY are passed on.
 */
cvy_status cvy_foreign_explain(cvy_status status, const char *path, cvy_wanted wanted);

#endif
