/* Which IDX files lie in a folder, by their names, as they are spelled in the wild: MNIST's, QMNIST's, and those of
 * EMNIST's splits, which have a prefix. */
#ifndef CVY_SOURCES_IDX_SETS_H
#define CVY_SOURCES_IDX_SETS_H

#include "data/intake.h"

enum { CVY_IDX_PATH_BYTES = 4096, CVY_IDX_PREFIX_BYTES = 64, CVY_IDX_SETS_MAX = 16 };

/* Where the files of one data set lie: those whose names begin with the prefix, "emnist-letters-" or nothing. */
typedef struct {
    char folder[CVY_IDX_PATH_BYTES], prefix[CVY_IDX_PREFIX_BYTES];
} cvy_idx_set;

typedef struct {
    cvy_idx_set sets[CVY_IDX_SETS_MAX];
    size_t count;
} cvy_idx_sets;

/** All that `where` can mean: a folder or those further down, or some files of a folder, as in "emnist/letters" for
 *  the files emnist/emnist-letters-... `sets` is empty before. */
void cvy_idx_sets_find(const char *where, cvy_idx_sets *sets);

/** By folder and prefix, for qsort(). */
int cvy_idx_set_compare(const void *a, const void *b);

/** The path of the file of a part, as text that the caller frees; NULL where there is none. Returns CVY_ERR_OPEN,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_idx_set_file(const cvy_idx_set *set, cvy_split split, bool is_images, char **path);

#endif
