/* Data sets on the network: where they are, how to know that they are whole, whose they are. */
#ifndef CVY_SOURCES_REMOTE_SETS_H
#define CVY_SOURCES_REMOTE_SETS_H

#include <stdint.h>

#include "convoy/dataset_files.h"

enum { CVY_REMOTE_FILES_MAX = 4, CVY_REMOTE_MIRRORS_MAX = 2 };

/* A file as it is published. What it is packed in decides what becomes of it: its members go into the
 * folder beside it. */
typedef enum { CVY_REMOTE_PLAIN, CVY_REMOTE_ZIP, CVY_REMOTE_TAR } cvy_remote_packing;

typedef struct {
    const char *name, *sha256; /* NULL ends a list */
    uint64_t bytes;
    cvy_remote_packing packing;
} cvy_remote_file;

typedef struct {
    cvy_remote_dataset about;
    const char *mirrors[CVY_REMOTE_MIRRORS_MAX + 1]; /* URLs that end with '/', the best first */
    const char *class_names; /* one a line, for classes.txt; NULL: the labels say it all */
    cvy_remote_file files[CVY_REMOTE_FILES_MAX + 1];
} cvy_remote_set;

/** The set of that name, or NULL. */
const cvy_remote_set *cvy_remote_find(const char *name);

/** Fetch all that is missing of a set into a folder: cvy_dataset_fetch(), once the set is known. */
cvy_status cvy_remote_fetch(const cvy_remote_set *set, const char *folder,
                            const cvy_fetch_options *options);

#endif
