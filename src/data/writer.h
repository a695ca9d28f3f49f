/* The formats of written data sets. Each is one file, and one line in the list in writer.c. */
#ifndef CVY_DATA_WRITER_H
#define CVY_DATA_WRITER_H

#include <stdio.h>

#include "convoy/dataset_files.h"
#include "data/content.h"
#include "data/dataset.h"

typedef struct {
    const char *name, *summary;
    bool is_folder;
    cvy_content content; /* content of a file that may be replaced; unused for folders */

    /* Write to `path`, an empty folder or a new file that no other process uses. */
    cvy_status (*write)(const cvy_dataset *dataset, const char *path, size_t threads);

    /* Whether this format writes files of this name; only if is_folder. */
    bool (*owns)(const char *name);
} cvy_dataset_writer;

extern const cvy_dataset_writer cvy_writer_idx;     /* idx_write.c */
extern const cvy_dataset_writer cvy_writer_folders; /* folders_write.c */
extern const cvy_dataset_writer cvy_writer_csv;     /* csv_write.c */
extern const cvy_dataset_writer cvy_writer_npz;     /* npz_write.c */
extern const cvy_dataset_writer cvy_writer_packed;  /* pack.c */

/** Create a file for buffered writing; `name` may be NULL. Returns CVY_ERR_OPEN. */
cvy_status cvy_writer_open(const char *folder, const char *name, FILE **file);

/** Close the file. If *status is not an error, it becomes CVY_ERR_WRITE when not every byte was
 *  written. */
void cvy_writer_close(FILE *file, const char *folder, const char *name, cvy_status *status);

/** The name of a part in files: "train", "test" or "validation". */
const char *cvy_writer_part_name(cvy_split split);

#endif
