/* IDX, the format of the MNIST files: a magic number, sizes in big-endian order, then bytes. */
#ifndef CVY_SOURCES_IDX_H
#define CVY_SOURCES_IDX_H

#include "data/dataset.h"

/**
 * Read one IDX file of images (magic 0x00000803), gzipped or not; it must be a regular file.
 * images         written only on CVY_OK; the caller frees images->pixels with cvy_memory_free();
 *                labels is NULL
 * height, width  of every image
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (damaged or cut short), CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_idx_read_images(const char *path, cvy_images *images, size_t *height, size_t *width);

/** Read one IDX file of labels, as above: bytes (magic 0x00000801), or the first of the eight numbers
 *  of each row of QMNIST's (0x00000c02). images->labels is filled in, images->pixels is NULL. */
cvy_status cvy_idx_read_labels(const char *path, cvy_images *images);

/* An IDX file of images read in pieces. */
typedef struct cvy_idx_stream cvy_idx_stream;

typedef struct {
    size_t count, height, width;
} cvy_idx_header;

/** Open a file and check its header against its size; errors as above. */
cvy_status cvy_idx_stream_open(const char *path, cvy_idx_stream **stream, cvy_idx_header *header);

/** Read the next `count` images. The file must end with the last one. */
cvy_status cvy_idx_stream_read(cvy_idx_stream *stream, unsigned char *pixels, size_t count);
void cvy_idx_stream_close(cvy_idx_stream *stream);

typedef enum { CVY_IDX_NONE, CVY_IDX_IMAGES, CVY_IDX_LABELS } cvy_idx_content;

/** Detect a file's content from its first bytes. */
cvy_idx_content cvy_idx_recognise(const char *path);

#endif
