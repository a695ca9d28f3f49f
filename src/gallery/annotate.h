/* Draw a picture with a box and a label at each character that was read. */
#ifndef CVY_GALLERY_ANNOTATE_H
#define CVY_GALLERY_ANNOTATE_H

#include "gallery/pictures.h"

/**
 * Write an annotated PNG of a picture, which is read again with the options of its entry.
 * labels  [entry->count]
 * Returns as cvy_inputs_read() and cvy_canvas_write().
 */
cvy_status cvy_annotate(const char *path, const cvy_picture_entry *entry, const char *const *labels,
                        const cvy_picture_options *options);

#endif
