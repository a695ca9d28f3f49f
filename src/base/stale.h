/* Temporary files left by killed processes. */
#ifndef CVY_BASE_STALE_H
#define CVY_BASE_STALE_H

/* How the names of temporary files begin and end. */
#define CVY_TEMPORARY_START ".convoy-"
#define CVY_TEMPORARY_END   ".tmp"

/**
 * Remove stale temporary files from an open folder, the first time that this process asks for that
 * folder. A file that a living process is writing is locked and stays; files that cannot be removed
 * stay too. Any thread.
 */
void cvy_stale_clear(int folder);

/** Remove a temporary file that no living process has locked. One that cannot be removed stays.
 *  folder  an open folder, or AT_FDCWD */
void cvy_stale_remove(int folder, const char *name);

#endif
