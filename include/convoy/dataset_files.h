/* Data sets as files: writing, checking and previewing them. */
#ifndef CONVOY_DATASET_FILES_H
#define CONVOY_DATASET_FILES_H

#include "convoy/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The name of format number `index` that a data set can be written in ("idx", "folders", "csv",
 *  "npz", "packed"), or NULL past the last. */
CVY_API const char *cvy_dataset_format(size_t index);

/** A phrase that describes a format; NULL for an unknown one. */
CVY_API const char *cvy_dataset_format_summary(const char *format);

/**
 * Write a data set; opened again, it is the same. Either all of it or nothing appears at `path`: it
 * is written next to its final place, flushed to disk, and renamed or exchanged in one step.
 * format        as above
 * path          a file for npz and packed, a folder for the others; its parent must exist
 * is_overwrite  replace what is at `path` if it is a data set too; anything else is refused
 * threads       at least 1
 * Returns CVY_ERR_SETTING (unknown format; something is there), CVY_ERR_UNSUPPORTED (the format
 * cannot hold it), CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_write(const cvy_dataset *dataset, const char *format,
                                     const char *path, bool is_overwrite, size_t threads);

/** Whether a file holds images without labels: an IDX file, by its first bytes; or one called like a
 *  CSV with as many columns as a square grey image has pixels. false for NULL. */
CVY_API bool cvy_images_are_in(const char *path);

/**
 * Read the unlabelled images of one IDX or CSV file, gzipped or not, for a model to classify.
 * pixels  written, with the sizes, on CVY_OK only: [count][height][width] bytes; cvy_images_free()
 *         them
 * Returns CVY_ERR_SETTING (an argument is NULL), CVY_ERR_OPEN, CVY_ERR_READ (damaged or cut short),
 * CVY_ERR_FORMAT, CVY_ERR_DATA (a cell that is no pixel), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_images_read(const char *path, size_t *count, size_t *height, size_t *width,
                                   unsigned char **pixels);

/** Release the pixels of cvy_images_read(). NULL is allowed. */
CVY_API void cvy_images_free(unsigned char *pixels);

enum { CVY_PREVIEW_PER_CLASS_MAX = 1000 };

/**
 * Write the first `per_class` images of each class of a part as a contact sheet, a PNG: one row per
 * class, images in the order of the data set.
 * per_class  1 .. CVY_PREVIEW_PER_CLASS_MAX
 * Returns CVY_ERR_UNSUPPORTED (a sheet of more than 2^28 bytes), CVY_ERR_OPEN, CVY_ERR_WRITE,
 * CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_preview(const cvy_dataset *dataset, cvy_split split,
                                       const char *path, size_t per_class);

enum { CVY_PREVIEW_VARIANTS_MAX = 100 };

/**
 * As cvy_dataset_preview(), with `variants` rows below each row of originals that show them as
 * training sees them in its first epochs.
 * augmentations  [count] specs, as in cvy_train_settings
 * variants       1 .. CVY_PREVIEW_VARIANTS_MAX
 * seed           of the training
 * Returns CVY_ERR_SETTING (a spec, the number of variants) and the errors above.
 */
CVY_API cvy_status cvy_dataset_preview_augmented(const cvy_dataset *dataset, cvy_split split,
                                                 const char *path, size_t per_class,
                                                 const char *const *augmentations, size_t count,
                                                 size_t variants, uint64_t seed);

/* Something unusual about a data set. Allocated by the library. */
typedef struct {
    const char *name; /* "duplicates", "class_sorted", ... */
    const char *text; /* a sentence */
} cvy_dataset_finding;

/* Allocated by the library. */
typedef struct {
    size_t count;
    const cvy_dataset_finding *const *findings; /* [count] */
} cvy_dataset_report;

/**
 * Look for problems that make training fail or scores misleading: pixels that are all 0 or 1,
 * classes without training images, a single class, strong imbalance, test images that are also
 * training images, labels that do not begin at 0, images sorted by class, unreadable pictures.
 * report  written only on CVY_OK; cvy_dataset_report_destroy() it
 * Returns CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_check(const cvy_dataset *dataset, cvy_dataset_report **report);

/** Release a report. NULL is allowed. */
CVY_API void cvy_dataset_report_destroy(cvy_dataset_report *report);

/* A data set that can be downloaded. */
typedef struct {
    const char *name, *summary;
    const char *licence, *citation;
    const char *where; /* appended to the folder to name the data set, as in "/emnist-balanced" */
} cvy_remote_dataset;

/** Number `index` of the data sets that can be downloaded, or NULL past the last. */
CVY_API const cvy_remote_dataset *cvy_dataset_remote(size_t index);

/* Always set up by cvy_fetch_options_init(). */
typedef struct {
    size_t struct_bytes;
    const char *const
        *mirrors; /* [mirror_count] URLs (http, https, ftp, file) to append file names to, in
                     place of the known ones; they are tried in order until one has the file */
    size_t mirror_count;
    /* Called several times a second while bytes arrive; returns false to stop. May be NULL. */
    bool (*on_progress)(void *context, const char *file, uint64_t done, uint64_t total);
    /* Called with a sentence that says what is being done. May be NULL. */
    void (*on_event)(void *context, const char *sentence);
    void *context;
} cvy_fetch_options;

/** Defaults: the known mirrors, no callbacks. */
#define cvy_fetch_options_init(options) cvy_fetch_options_init_sized((options), sizeof *(options))
CVY_API void cvy_fetch_options_init_sized(cvy_fetch_options *options, size_t struct_bytes);

/**
 * Download the missing files of a data set into a folder, creating it if its parent exists. Each
 * file gets its final name only once it is complete and its SHA-256 matches. After a failure the
 * next call resumes the download. Archives are unpacked and kept.
 * Returns CVY_ERR_SETTING (not a known data set, a mirror without a name), CVY_ERR_UNSUPPORTED
 * (libcurl is not installed), CVY_ERR_READ (no mirror has it), CVY_ERR_DATA (not the expected
 * file), CVY_ERR_STOPPED, CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_UNSURE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_fetch(const char *name, const char *folder,
                                     const cvy_fetch_options *options);

#ifdef __cplusplus
}
#endif

#endif
