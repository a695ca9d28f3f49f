/* Read picture files as the images of a part. */
#ifndef CVY_SOURCES_PICTURE_FILES_H
#define CVY_SOURCES_PICTURE_FILES_H

#include "data/intake.h"
#include "sources/file_list.h"

/**
 * Read all files of a list into a part, in list order, each labeled with its class; in color if any
 * has color. An unreadable file is skipped and counted, or is an error if the intake is strict. A
 * file of another size than most is an error, or is skipped and counted if the option
 * leaves_out_sizes is set.
 * Returns CVY_ERR_DATA (none can be read; sizes differ), CVY_ERR_MEMORY and what the intake returns.
 */
cvy_status cvy_picture_files_read(cvy_intake *intake, cvy_split split, const cvy_file_list *list);

#endif
