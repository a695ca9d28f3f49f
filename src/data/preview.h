/* The contact sheet of a data set, with room for variants of its images. */
#ifndef CVY_DATA_PREVIEW_H
#define CVY_DATA_PREVIEW_H

#include "convoy/dataset_files.h"

/** Writes variant 1, 2, ... of image `index` to pixels, a buffer of one image's size. */
typedef void cvy_preview_variant(void *context, size_t index, size_t variant,
                                 unsigned char *pixels);

/** cvy_dataset_preview() with `variants` rows below each row of originals; make may be NULL if
 *  `variants` is 0. */
cvy_status cvy_preview_write(const cvy_dataset *dataset, cvy_split split, const char *path,
                             size_t per_class, size_t variants, cvy_preview_variant *make,
                             void *context);

#endif
