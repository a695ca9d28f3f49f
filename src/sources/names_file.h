/* The class names of IDX files: classes.txt in their folder. */
#ifndef CVY_SOURCES_NAMES_FILE_H
#define CVY_SOURCES_NAMES_FILE_H

#include "data/intake.h"

/** Name the classes from classes.txt (UTF-8, one name per line), or by number if there is no such
 *  file. Returns CVY_ERR_DATA (fewer names than class_count), CVY_ERR_FORMAT (not UTF-8),
 *  CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_names_file_apply(cvy_intake *intake, const char *folder, size_t class_count);

#endif
