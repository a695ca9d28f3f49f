/* What a folder that is no data set holds instead. */
#ifndef CVY_DATA_FOLDER_CONTENT_H
#define CVY_DATA_FOLDER_CONTENT_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Replace the message of `status` with one about the content of the folder `where`, if that explains
 * more: a data set in one of its files, pictures without class folders, or files of another format.
 * is_data  whether a file is a data set by itself
 * Returns `status`.
 */
cvy_status cvy_folder_content_explain(cvy_status status, const char *where,
                                      bool (*is_data)(const char *path));

#endif
