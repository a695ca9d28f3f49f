/* Recognise files of other programs by their first bytes, so that error messages can name them and
 * give advice. Their content is not read. */
#ifndef CVY_FORMATS_FOREIGN_H
#define CVY_FORMATS_FOREIGN_H

#include <stdbool.h>

#include "base/error.h"

/* A file type. */
typedef struct {
    const char *name;   /* "an HDF5 file, as Keras saves it" */
    const char *advice; /* a sentence: what to do instead of passing it as a model; NULL: none */
    const char *data;   /* what to do instead of passing it as data; NULL: none */
} cvy_foreign;

/* What convoy expected to read. */
typedef enum { CVY_WANTED_MODEL, CVY_WANTED_ARCHITECTURE, CVY_WANTED_DATA } cvy_wanted;

/** Return the type of the file or folder, or NULL if it is unknown or unreadable. */
const cvy_foreign *cvy_foreign_recognise(const char *path);

/** Whether the first entry's name is that of a model saved by Keras 3. */
bool cvy_foreign_is_keras(const char *path);

/**
 * Explain why a file could not be read. Returns `status`. If the file is recognised and not of the
 * wanted kind, the last error message is replaced by "PATH: an HDF5 file, ..., expected a trained
 * model (.safetensors)" and advice. CVY_OK and CVY_ERR_MEMORY are passed through.
 */
cvy_status cvy_foreign_explain(cvy_status status, const char *path, cvy_wanted wanted);

#endif
