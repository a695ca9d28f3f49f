/* The files of models/, embedded in the library so that `--model lenet5` works in any folder.
 * cmake/EmbedModels.cmake generates the table at build time. */
#ifndef CVY_MODEL_EMBEDDED_H
#define CVY_MODEL_EMBEDDED_H

#include <stddef.h>

typedef struct {
    const char *name;            /* of the file, without extension: "lenet5" */
    const unsigned char *packed; /* its text, compressed with gzip */
    size_t packed_size, size;
} cvy_embedded_model;

extern const cvy_embedded_model cvy_embedded_models[];
extern const size_t cvy_embedded_model_count;

#endif
