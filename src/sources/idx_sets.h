/* Find the IDX files of a folder by their names in all common spellings: MNIST's, QMNIST's, and
 * those of EMNIST's splits, which have a prefix. */
#ifndef CVY_SOURCES_IDX_SETS_H
#define CVY_SOURCES_IDX_SETS_H

#include "data/intake.h"

enum { CVY_IDX_PATH_BYTES = 4096, CVY_IDX_PREFIX_BYTES = 64, CVY_IDX_SETS_MAX = 16 };

/* The files of one data set: those in a folder whose names begin with the prefix, such as
 * "emnist-letters-" or "". */
typedef struct {
    char folder[CVY_IDX_PATH_BYTES], prefix[CVY_IDX_PREFIX_BYTES];
} cvy_idx_set;

typedef struct {
    cvy_idx_set sets[CVY_IDX_SETS_MAX];
    size_t count;
} cvy_idx_sets;

/** Find all data sets that `where` can mean: those in a folder or below it, or those of some files
 *  of a folder, such as "emnist/letters" for emnist/emnist-letters-... `sets` must be empty. */
void cvy_idx_sets_find(const char *where, cvy_idx_sets *sets);

/** Compare by folder and prefix, for qsort(). */
int cvy_idx_set_compare(const void *a, const void *b);

/** Return the path of a part's file, which the caller frees; NULL if it does not exist. Returns
 *  CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_idx_set_file(const cvy_idx_set *set, cvy_split split, bool is_images, char **path);

#endif
