/* One checkpoint as a safetensors file. Its metadata contain a SHA-256 of the whole file, computed
 * with 64 zeros in its place, so that damage anywhere is recognized. */
#ifndef CVY_CHECKPOINTS_CHECKPOINT_FILE_H
#define CVY_CHECKPOINTS_CHECKPOINT_FILE_H

#include "formats/safetensors.h"

/* The content of a file. The texts must not include "checksum", which is added. */
typedef struct {
    const cvy_safetensor *tensors;
    size_t tensor_count;
    const cvy_safetensors_text *texts;
    size_t text_count; /* at most CVY_CHECKPOINT_TEXTS_MAX */
} cvy_checkpoint_content;

enum { CVY_CHECKPOINT_TEXTS_MAX = 16 };

/** Write a checkpoint; it appears under its name once it is complete. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_UNSURE, CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_write(const char *path, const cvy_checkpoint_content *content);

/** Read a file and check its structure and its checksum. Released with cvy_safetensors_close().
 *  Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT, CVY_ERR_MEMORY. */
cvy_status cvy_checkpoint_open(const char *path, cvy_safetensors **file);

#endif
