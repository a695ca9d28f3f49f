/* What a data set is inside, and what a kind of data set has to provide. */
#ifndef CVY_DATA_DATASET_H
#define CVY_DATA_DATASET_H

#include <stdint.h>

#include "base/settings.h"
#include "convoy/dataset.h"

enum { CVY_DATASET_NAME_BYTES = 64, CVY_CLASSES_MAX = 1000, CVY_CLASS_NAME_BYTES = 64 };

/* One split: pixels [count][height][width][channels], labels [count]. */
typedef struct {
    size_t count;
    uint8_t *pixels;
    uint16_t *labels;
} cvy_images;

struct cvy_dataset {
    char name[CVY_DATASET_NAME_BYTES];
    size_t height, width, channels, class_count;
    cvy_images train, test;
    char (*class_names)[CVY_CLASS_NAME_BYTES]; /* [class_count] */
};

typedef struct {
    cvy_kind kind; /* kind.settings: rows of a spec `name:key=value`, for kinds asked for by name */

    /* Whether `where`, a path, is of this kind; NULL for a kind asked for by name. */
    bool (*recognises)(const char *where);

    /* Fill in everything but the name. settings is NULL for a kind that has none. On failure what
     * was filled in so far is released by the caller. */
    cvy_status (*open)(const char *where, const void *settings, size_t threads,
                       cvy_dataset *dataset);
} cvy_dataset_kind;

extern const cvy_dataset_kind cvy_dataset_digits; /* digits.c */
extern const cvy_dataset_kind cvy_dataset_idx;    /* idx.c */

/* The list, in the order in which kinds are tried. NULL-terminated. */
extern const cvy_kind *const cvy_dataset_kinds[];

#endif
