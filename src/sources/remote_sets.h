/* Data sets on the network: their URLs, checksums and authors. */
#ifndef CVY_SOURCES_REMOTE_SETS_H
#define CVY_SOURCES_REMOTE_SETS_H

#include <stdint.h>

#include "convoy/dataset_files.h"

enum { CVY_REMOTE_FILES_MAX = 4, CVY_REMOTE_MIRRORS_MAX = 2 };

/* A published file. If it is an archive, its members are unpacked into its folder. */
typedef enum { CVY_REMOTE_PLAIN, CVY_REMOTE_ZIP, CVY_REMOTE_TAR } cvy_remote_packing;

typedef struct {
    const char *name, *sha256; /* NULL ends a list */
    uint64_t bytes;
    cvy_remote_packing packing;
} cvy_remote_file;

typedef struct {
    cvy_remote_dataset about;
    const char *mirrors[CVY_REMOTE_MIRRORS_MAX + 1]; /* URLs that end with '/', best first */
    const char *class_names; /* one per line, for classes.txt; NULL: labels are enough */
    cvy_remote_file files[CVY_REMOTE_FILES_MAX + 1];
} cvy_remote_set;

/** Return the set of this name, or NULL. */
const cvy_remote_set *cvy_remote_find(const char *name);

/** Fetch the missing files of a set into a folder: cvy_dataset_fetch() for a known set. */
cvy_status cvy_remote_fetch(const cvy_remote_set *set, const char *folder,
                            const cvy_fetch_options *options);

#endif
