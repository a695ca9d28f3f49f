/* What a folder that is no data set holds instead. */
#ifndef CVY_DATA_FOLDER_CONTENT_H
#define CVY_DATA_FOLDER_CONTENT_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Say why a folder is no data set: a data set in one of its files, pictures without class folders,
 * files of another format, folders without pictures, or nothing in it.
 * is_data  whether a file is a data set by itself
 * Returns CVY_ERR_FORMAT, or CVY_OK if the content explains nothing.
 */
cvy_status cvy_folder_content_explain(const char *where, bool (*is_data)(const char *path));

#endif
