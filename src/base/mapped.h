/* The files that are mapped into memory, by address. An access to a mapped file that was shortened, or
 * whose disk fails, raises SIGBUS; a handler can say which file it was. */
#ifndef CVY_BASE_MAPPED_H
#define CVY_BASE_MAPPED_H

#include <stddef.h>

/** Register a mapping. If there is no room, it is not registered. path: the file, or the folder of a
 *  file without a name; copied. Any thread. */
void cvy_mapped_remember(const void *bytes, size_t size, const char *path);

/** Unregister a mapping and munmap() it. */
void cvy_mapped_release(void *bytes, size_t size);

/** The path of the mapping that holds an address, fit to be printed, or NULL. For a signal handler:
 *  calls nothing. */
const char *cvy_mapped_find(const void *address);

#endif
