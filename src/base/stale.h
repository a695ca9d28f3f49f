/* The temporary files that killed processes left. */
#ifndef CVY_BASE_STALE_H
#define CVY_BASE_STALE_H

/* What the names of temporary files begin and end with. */
#define CVY_TEMPORARY_START ".convoy-"
#define CVY_TEMPORARY_END   ".tmp"

/**
 * Remove them from an open folder, the first time that this process asks it of that folder. A file that a living
 * process is writing is locked and stays; what cannot be removed is left. Any thread may call it.
 */
void cvy_stale_clear(int folder);

/** Remove a temporary file that no living process has locked. One that cannot be removed stays.
 *  folder  an open folder, or AT_FDCWD */
void cvy_stale_remove(int folder, const char *name);

#endif
