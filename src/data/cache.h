/* Packed files (data/pack.h) of data sets that are larger than the memory they may take. Such a data set
 * is decoded once, into memory that is mapped to the file, and mapped from it ever after. A file's name
 * holds a digest of what the data set was made of, names, sizes and times of its files, so that data that
 * have changed are decoded anew. */
#ifndef CVY_DATA_CACHE_H
#define CVY_DATA_CACHE_H

#include <stdbool.h>

#include "data/dataset.h"

typedef struct cvy_cache cvy_cache;

/**
 * Look for the packed file of what `where` holds, opened with these options. *cache is NULL where no folder
 * for it is known (neither options->cache_folder nor XDG_CACHE_HOME nor HOME); the caller closes it.
 * Returns CVY_ERR_OPEN, CVY_ERR_MEMORY.
 */
cvy_status cvy_cache_open(const char *where, const cvy_dataset_options *options, cvy_cache **cache);

/** Release it, and what was not stored. NULL is allowed. */
void cvy_cache_close(cvy_cache *cache);

/** The packed file, which may be missing. */
const char *cvy_cache_path(const cvy_cache *cache);
bool cvy_cache_is_there(const cvy_cache *cache);

/** Remove the packed file: it is damaged. */
void cvy_cache_forget(const cvy_cache *cache);

/** Zeroed bytes that are mapped to the file to come, released with munmap(). The room on the disk is
 *  reserved, so that writing to them cannot fail later. Returns CVY_ERR_OPEN, CVY_ERR_WRITE (the disk is
 *  full), CVY_ERR_MEMORY. */
cvy_status cvy_cache_add(cvy_cache *cache, size_t bytes, uint8_t **pixels);

/** Whether cvy_cache_add() gave memory. */
bool cvy_cache_is_used(const cvy_cache *cache);

/** Complete the file with all that is not in it yet. It appears under its name, and older ones of the same
 *  data set go. Returns CVY_ERR_WRITE, CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_cache_store(cvy_cache *cache, const cvy_dataset *dataset);

#endif
