/* The temporary files and folders of this process, which a signal handler removes before it ends the
 * process. */
#ifndef CVY_BASE_TEMPORARY_H
#define CVY_BASE_TEMPORARY_H

/**
 * Register a file that is about to be created, or a folder. If there is no room, or the name is too long, it is not registered, and a
 * process that is ended by a signal leaves it for the next run to remove.
 * folder  an open folder, or AT_FDCWD; stays open until cvy_temporary_forget()
 * Returns the entry for cvy_temporary_forget(). Any thread.
 */
int cvy_temporary_remember(int folder, const char *name);

/** Unregister what got its final name or was removed. -1 is allowed. */
void cvy_temporary_forget(int entry);

/** Remove all of them, folders last, for a signal handler that then ends the process: calls only unlinkat(). */
void cvy_temporary_remove_all(void);

#endif
