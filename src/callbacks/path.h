/* A file name with fields in braces, filled in like Python's str.format(). */
#ifndef CVY_CALLBACKS_PATH_H
#define CVY_CALLBACKS_PATH_H

#include "base/error.h"
#include "callbacks/logs.h"

/* Fields that are not in the logs. Both count from 1 here, as in Keras's names. */
typedef struct {
    size_t epoch, batch; /* batch 0: none */
} cvy_path_place;

/**
 * Fill in {epoch}, {batch} and the names of the logs, each optionally with a format: {epoch:02d},
 * {val_loss:.2f}. A format is [0][WIDTH][.DIGITS][d|e|f|g]; "{{" and "}}" are braces.
 * Returns CVY_ERR_SETTING for an unknown field, an invalid format, or a path of `size` bytes or
 * more.
 */
cvy_status cvy_path_print(const char *pattern, cvy_path_place place, const cvy_logs *logs,
                          char *path, size_t size);

#endif
