/* A data set at a glance: a contact sheet as PNG. */
#ifndef CVY_DATA_PREVIEW_H
#define CVY_DATA_PREVIEW_H

#include "convoy/dataset.h"

enum { CVY_PREVIEW_PER_CLASS_MAX = 1000 };

/**
 * Write the first `per_class` images of each class of a split: a row per class, in their order in
 * the data set. Grey images give a grey PNG, images of three channels a coloured one.
 * per_class  1 .. CVY_PREVIEW_PER_CLASS_MAX
 * Returns CVY_ERR_UNSUPPORTED (two, or more than three, channels; a sheet of more than
 * 2^28 bytes), CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_preview_write(const cvy_dataset *dataset, cvy_split split, const char *path,
                             size_t per_class);

#endif
