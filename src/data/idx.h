/* IDX, the format of the MNIST files: a magic number, sizes in big-endian order, then bytes. */
#ifndef CVY_DATA_IDX_H
#define CVY_DATA_IDX_H

#include "data/dataset.h"

/**
 * Read one IDX file of images (magic 0x00000803), gzipped or not; it must be a regular file.
 * images         written only on CVY_OK; the caller frees images->pixels with cvy_memory_free();
 *                labels is NULL
 * height, width  of every image
 * Returns CVY_ERR_OPEN, CVY_ERR_READ (damaged or cut short), CVY_ERR_FORMAT, CVY_ERR_MEMORY.
 */
cvy_status cvy_idx_read_images(const char *path, cvy_images *images, size_t *height, size_t *width);

/** Read one IDX file of labels (magic 0x00000801), as above; images->labels is what is filled in,
 *  images->pixels is NULL. */
cvy_status cvy_idx_read_labels(const char *path, cvy_images *images);

/**
 * Write a data set of one channel as the four IDX files under their MNIST names, plain, into a
 * folder that exists. None appears before all are written. Returns CVY_ERR_UNSUPPORTED (colour,
 * or labels above 255), CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_idx_write_folder(const cvy_dataset *dataset, const char *folder);

#endif
