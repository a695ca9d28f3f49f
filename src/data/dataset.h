/* What a data set is inside, and what a source of data sets provides.
 *
 * A source is one file in sources/ and one line in the list in datasets.c. It recognises what it
 * can open by looking at the content, and hands images to an intake (data/intake.h), which brings
 * them into the form that was asked for and puts them where they stay. */
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
    CVY_IMAGE_SIDE_MAX = 256, /* of the images of an opened data set */
    CVY_LEFT_OUT_NAMED = 5,   /* files that are named in cvy_dataset.left_out */
    CVY_LEFT_OUT_BYTES = 256,
    CVY_PARTS = 3, /* as many as there are values of cvy_split */
};

/* One part: pixels [count][height][width][channels], labels [count]. A part without images has
 * count 0 and no memory. */
typedef struct {
    size_t count;
    uint8_t *pixels;  /* of all images in one block; NULL where `list` says where each one is */
    uint16_t *labels; /* [count] */
    const uint8_t *const *list; /* [count] the images of a view (data/views.c); else NULL */
    size_t spilled;   /* bytes of pixels that are mapped to a file without a name; 0: in memory */
    bool is_borrowed; /* the pixels belong to somebody else, who keeps them */
} cvy_images;

/* A block of memory that a file is mapped to. */
typedef struct {
    void *bytes;
    size_t size;
} cvy_mapping;

struct cvy_dataset {
    char name[CVY_DATASET_NAME_BYTES];
    size_t height, width, channels, class_count;
    cvy_images train, test, validation;
    char (*class_names)[CVY_CLASS_NAME_BYTES]; /* [class_count] */
    bool has_class_names;                      /* the source named them; else they are numbers */
    bool is_undivided;                         /* the source has one part, which is `train` */
    cvy_polarity polarity;
    size_t resize_height, resize_width, wanted_channels; /* options it was opened with; 0: none */
    size_t left_out_count; /* files that cannot be read, and why the first of them ... */
    char left_out[CVY_LEFT_OUT_NAMED][CVY_LEFT_OUT_BYTES];
    cvy_mapping mapping;   /* pixels or labels point into it; none: bytes is NULL */
    cvy_dataset **parents; /* [parent_count] the data sets that a view shows: data/views.c */
    size_t parent_count;
    atomic_size_t references; /* one until it is closed, and one for each view of it */
};

/* What a source is asked to open, and where it puts what it finds: data/intake.h. */
typedef struct cvy_intake cvy_intake;

typedef struct {
    cvy_kind kind; /* kind.settings: rows of a spec `name:key=value`, for kinds asked for by name */

    /* Whether `where`, a path, holds such data; NULL for a kind asked for by name. It inspects
     * only what is quick to read and need not find every file: open() reports missing ones. */
    bool (*recognises)(const char *where);

    /* Hand every part that is wanted to the intake. On failure what was allocated so far is released
     * by the caller. */
    cvy_status (*open)(cvy_intake *intake);
} cvy_dataset_kind;

extern const cvy_dataset_kind cvy_dataset_digits;        /* digits.c */
extern const cvy_dataset_kind cvy_dataset_idx;           /* idx_folder.c */
extern const cvy_dataset_kind cvy_dataset_cifar;         /* cifar.c */
extern const cvy_dataset_kind cvy_dataset_class_folders; /* class_folders.c */
extern const cvy_dataset_kind cvy_dataset_packed;        /* packed.c */
extern const cvy_dataset_kind cvy_dataset_npz;           /* npz.c */
extern const cvy_dataset_kind cvy_dataset_csv;           /* csv.c */

/* The list, in the order in which kinds are tried. NULL-terminated. */
extern const cvy_kind *const cvy_dataset_kinds[];

/* The names of an IDX folder's classes, one a line. */
#define CVY_IDX_NAMES_FILE "classes.txt"

/** The part of that name, to read or to fill. */
cvy_images *cvy_dataset_part(cvy_dataset *dataset, cvy_split split);
const cvy_images *cvy_dataset_part_const(const cvy_dataset *dataset, cvy_split split);

/** Release images and classes: the data set is as before it was read. */
void cvy_dataset_clear(cvy_dataset *dataset);

/** Whether a number is a cvy_split. */
bool cvy_split_is(cvy_split split);

/** "training", "test" or "validation". */
const char *cvy_split_name(cvy_split split);

/** The pixels of image `index` of a part whose images have `bytes` bytes. */
static inline const uint8_t *cvy_images_at(const cvy_images *images, size_t bytes, size_t index)
{
    return images->list != NULL ? images->list[index] : images->pixels + index * bytes;
}

/** Tell the system that mapped training images will be read in random order: without it, each one that is not
 *  in memory would bring in its neighbors in the file, which push out others. */
void cvy_dataset_expect_random_order(const cvy_dataset *dataset);

/** Bytes of one image. */
static inline size_t cvy_dataset_image_bytes(const cvy_dataset *dataset)
{
    return dataset->height * dataset->width * dataset->channels;
}

/** Whether the images show light ink on dark or dark ink on light, judged by their borders. */
cvy_polarity cvy_polarity_of(const cvy_dataset *dataset, const cvy_images *images);

#endif
