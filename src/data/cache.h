/* Packed files (data/pack.h) of data sets that exceed their memory limit. Such a data set is
 * decoded once, into memory mapped to the file; later runs map the file. The file name contains a
 * digest of the names, sizes and times of the source files, so changed data are decoded again. */
#ifndef CVY_DATA_CACHE_H
#define CVY_DATA_CACHE_H

#include <stdbool.h>

#include "data/dataset.h"

typedef struct cvy_cache cvy_cache;

/**
 * Look for the packed file of the data at `where`, opened with these options. *cache is NULL if no
 * folder is known (neither options->cache_folder nor XDG_CACHE_HOME nor HOME); the caller closes
 * it.
 * Returns CVY_ERR_OPEN, CVY_ERR_MEMORY.
 */
cvy_status cvy_cache_open(const char *where, const cvy_dataset_options *options, cvy_cache **cache);

/** Release the cache and discard data not yet stored. NULL is allowed. */
void cvy_cache_close(cvy_cache *cache);

/** Path of the packed file, which may not exist. */
const char *cvy_cache_path(const cvy_cache *cache);
bool cvy_cache_is_there(const cvy_cache *cache);

/** Remove the packed file because it is damaged. */
void cvy_cache_forget(const cvy_cache *cache);

/** Map zeroed bytes to the file being written; release them with cvy_mapped_release(). Disk space is
 *  reserved, so later writes to them cannot fail. Returns CVY_ERR_OPEN, CVY_ERR_WRITE (the disk is
 *  full), CVY_ERR_MEMORY. */
cvy_status cvy_cache_add(cvy_cache *cache, size_t bytes, uint8_t **pixels);

/** Whether cvy_cache_add() has mapped any memory. */
bool cvy_cache_is_used(const cvy_cache *cache);

/** Write everything not yet in the file, give the file its name and remove older files of the same
 *  data set. Returns CVY_ERR_WRITE, CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_cache_store(cvy_cache *cache, const cvy_dataset *dataset);

#endif
