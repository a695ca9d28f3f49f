/* The files of models/, inside the library, so that `--model lenet5` works in any folder. The table
 * is made from them at build time, by cmake/EmbedModels.cmake. */
#ifndef CVY_MODEL_EMBEDDED_H
#define CVY_MODEL_EMBEDDED_H

#include <stddef.h>

typedef struct {
    const char *name;            /* of the file, without its ending: "lenet5" */
    const unsigned char *packed; /* its text, compressed by gzip */
    size_t packed_size, size;
} cvy_embedded_model;

extern const cvy_embedded_model cvy_embedded_models[];
extern const size_t cvy_embedded_model_count;

#endif
