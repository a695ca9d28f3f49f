/* Data sets as files: writing them, checking them, drawing them. */
#ifndef CONVOY_DATASET_FILES_H
#define CONVOY_DATASET_FILES_H

#include "convoy/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The formats that a data set can be written in: the name of number `index` ("idx", "folders", "csv",
 *  "npz", "packed"), or NULL past the last. */
CVY_API const char *cvy_dataset_format(size_t index);

/** What a format is, in a phrase; NULL for one that is not known. */
CVY_API const char *cvy_dataset_format_summary(const char *format);

/**
 * Write a data set; opened again, it is the same. All of it or nothing appears at `path`: it is written
 * beside its place, brought to the disk, and renamed or exchanged in one step.
 * format        as above
 * path          a file for npz and packed, a folder for the others; its parent must exist
 * is_overwrite  what is at `path` is replaced, if it is a data set as well; else it is refused
 * threads       at least 1
 * Returns CVY_ERR_SETTING (unknown format; something is there), CVY_ERR_UNSUPPORTED (the format cannot
 * hold it), CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_write(const cvy_dataset *dataset, const char *format,
                                     const char *path, bool is_overwrite, size_t threads);

enum { CVY_PREVIEW_PER_CLASS_MAX = 1000 };

/**
 * Write the first `per_class` images of each class of a part as a contact sheet, a PNG: a row per class,
 * in their order in the data set.
 * per_class  1 .. CVY_PREVIEW_PER_CLASS_MAX
 * Returns CVY_ERR_UNSUPPORTED (a sheet of more than 2^28 bytes), CVY_ERR_OPEN, CVY_ERR_WRITE,
 * CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_preview(const cvy_dataset *dataset, cvy_split split,
                                       const char *path, size_t per_class);

/* Something unusual about a data set. */
typedef struct {
    const char *name; /* "duplicates", "class_sorted", ... */
    const char *text; /* a sentence */
} cvy_dataset_finding;

typedef struct {
    size_t count;
    const cvy_dataset_finding *findings; /* [count] */
} cvy_dataset_report;

/**
 * Look for what makes training fail or scores deceive: pixels that are all 0 or 1, classes without
 * training images, one class only, strong imbalance, test images that are training images, labels that
 * do not begin at 0, an order by class, pictures that cannot be read.
 * report  written only on CVY_OK; cvy_dataset_report_destroy() it
 * Returns CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_check(const cvy_dataset *dataset, cvy_dataset_report **report);

/** Release a report. NULL is allowed. */
CVY_API void cvy_dataset_report_destroy(cvy_dataset_report *report);

#ifdef __cplusplus
}
#endif

#endif
