/* Formats that data sets are written in: one file each, one line in the list in writer.c. */
#ifndef CVY_DATA_WRITER_H
#define CVY_DATA_WRITER_H

#include <stdio.h>

#include "convoy/dataset_files.h"
#include "data/content.h"
#include "data/dataset.h"

typedef struct {
    const char *name, *summary;
    bool is_folder;
    cvy_content content; /* of a file that may be replaced; not for folders */

    /* Write into `path`, an empty folder or a new file that nobody else knows. */
    cvy_status (*write)(const cvy_dataset *dataset, const char *path, size_t threads);

    /* Whether a file in a folder of this format can have this name; is_folder only. */
    bool (*owns)(const char *name);
} cvy_dataset_writer;

extern const cvy_dataset_writer cvy_writer_idx;     /* idx_write.c */
extern const cvy_dataset_writer cvy_writer_folders; /* folders_write.c */
extern const cvy_dataset_writer cvy_writer_csv;     /* csv_write.c */
extern const cvy_dataset_writer cvy_writer_npz;     /* npz_write.c */
extern const cvy_dataset_writer cvy_writer_packed;  /* pack.c */

/** A new file for writing, buffered; `name` may be NULL. Returns CVY_ERR_OPEN. */
cvy_status cvy_writer_open(const char *folder, const char *name, FILE **file);

/** Close it. *status is kept where it is an error; else it becomes CVY_ERR_WRITE when not every byte
 *  was written. */
void cvy_writer_close(FILE *file, const char *folder, const char *name, cvy_status *status);

/** "train", "test" or "validation": how the parts are called in files. */
const char *cvy_writer_part_name(cvy_split split);

#endif
