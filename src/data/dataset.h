/* The internals of a data set, and the interface of a source.
 *
 * A source is one file in sources/ and one line in the list in datasets.c. It recognises data by
 * inspecting the content and hands images to an intake (data/intake.h), which converts them to the
 * requested form and stores them. */
#ifndef CVY_DATA_DATASET_H
#define CVY_DATA_DATASET_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/settings.h"
#include "convoy/dataset.h"

enum {
    CVY_DATASET_NAME_BYTES = 64,
    CVY_CLASSES_MAX = 1000,
    CVY_CLASS_NAME_BYTES = 64,
    CVY_IMAGE_SIDE_MAX = 256, /* limit for height and width in an opened data set */
    CVY_LEFT_OUT_NAMED = 5,   /* files named in cvy_dataset.left_out */
    CVY_LEFT_OUT_BYTES = 256,
    CVY_OTHER_SIZES_NAMED = 3, /* files named in cvy_dataset.other_sizes */
    CVY_PARTS = 3,             /* the number of cvy_split values */
};

/* One part: pixels [count][height][width][channels], labels [count]. A part without images has
 * count 0 and no memory. */
typedef struct {
    size_t count;
    uint8_t *pixels;            /* all images in one block; NULL if `list` points to each image */
    uint16_t *labels;           /* [count] */
    const uint8_t *const *list; /* [count] images of a view (data/views.c); else NULL */
    size_t spilled;             /* bytes of pixels mapped to an unnamed file; 0: in memory */
    bool is_borrowed;           /* the pixels belong to another owner, which frees them */
} cvy_images;

/* A file mapped into memory. */
typedef struct {
    void *bytes;
    size_t size;
} cvy_mapping;

struct cvy_dataset {
    char name[CVY_DATASET_NAME_BYTES];
    size_t height, width, channels, class_count;
    cvy_images train, test, validation;
    char (*class_names)[CVY_CLASS_NAME_BYTES]; /* [class_count] */
    bool has_class_names;                      /* names given by the source; else class numbers */
    bool is_undivided;                         /* the source has a single part, stored as `train` */
    cvy_polarity polarity;
    size_t resize_height, resize_width, wanted_channels; /* options used to open it; 0: none */
    bool finds_ink;                                      /* likewise */
    size_t scaled_count;   /* picture files that were scaled as a whole */
    size_t left_out_count; /* unreadable files, and the messages for the first ones ... */
    char left_out[CVY_LEFT_OUT_NAMED][CVY_LEFT_OUT_BYTES];
    size_t other_size_count; /* readable pictures of another size that were left out, likewise */
    char other_sizes[CVY_OTHER_SIZES_NAMED][CVY_LEFT_OUT_BYTES];
    cvy_mapping mapping;   /* holds the pixels or labels; unused if bytes is NULL */
    cvy_dataset **parents; /* [parent_count] data sets that a view refers to (data/views.c) */
    size_t parent_count;
    atomic_size_t references; /* one until closed, plus one for each view of it */
};

/* A request to a source, and the destination of its images: data/intake.h. */
typedef struct cvy_intake cvy_intake;

typedef struct {
    cvy_kind kind; /* kind.settings: rows of a spec `name:key=value`, for kinds selected by name */

    /* Whether the path `where` holds such data; NULL for a kind selected by name. It makes only
     * quick checks and need not find every file: open() reports missing ones. */
    bool (*recognises)(const char *where);

    /* Hand every requested part to the intake. On failure the caller releases everything allocated
     * so far. */
    cvy_status (*open)(cvy_intake *intake);
} cvy_dataset_kind;

extern const cvy_dataset_kind cvy_dataset_digits;        /* digits.c */
extern const cvy_dataset_kind cvy_dataset_idx;           /* idx_folder.c */
extern const cvy_dataset_kind cvy_dataset_cifar;         /* cifar.c */
extern const cvy_dataset_kind cvy_dataset_class_folders; /* class_folders.c */
extern const cvy_dataset_kind cvy_dataset_packed;        /* packed.c */
extern const cvy_dataset_kind cvy_dataset_npz;           /* npz.c */
extern const cvy_dataset_kind cvy_dataset_pixel_cells;   /* pixel_cells.c */
extern const cvy_dataset_kind cvy_dataset_csv;           /* csv.c */

/* All kinds, in the order in which they are tried. NULL-terminated. */
extern const cvy_kind *const cvy_dataset_kinds[];

/* The class names of an IDX folder, one per line. */
#define CVY_IDX_NAMES_FILE "classes.txt"

/** Return the part for this split, to read or to fill. */
cvy_images *cvy_dataset_part(cvy_dataset *dataset, cvy_split split);
const cvy_images *cvy_dataset_part_const(const cvy_dataset *dataset, cvy_split split);

/** Release images and classes; the data set is then as before it was read. */
void cvy_dataset_clear(cvy_dataset *dataset);

/** Whether the value is a valid cvy_split. */
bool cvy_split_is(cvy_split split);

/** "training", "test" or "validation". */
const char *cvy_split_name(cvy_split split);

/** Return the pixels of image `index` of a part with `bytes` bytes per image. */
static inline const uint8_t *cvy_images_at(const cvy_images *images, size_t bytes, size_t index)
{
    return images->list != NULL ? images->list[index] : images->pixels + index * bytes;
}

/** Advise the system that mapped training images will be read in random order. Otherwise each image
 *  read from disk would also load its neighbors in the file and evict others. */
void cvy_dataset_expect_random_order(const cvy_dataset *dataset);

/** Bytes of one image. */
static inline size_t cvy_dataset_image_bytes(const cvy_dataset *dataset)
{
    return dataset->height * dataset->width * dataset->channels;
}

/** Judge from the image borders whether ink is light on dark or dark on light. */
cvy_polarity cvy_polarity_of(const cvy_dataset *dataset, const cvy_images *images);

#endif
