/* The temporary files of this process, so that a signal handler that ends it can remove them. */
#ifndef CVY_BASE_TEMPORARY_H
#define CVY_BASE_TEMPORARY_H

/**
 * Remember a file. Where there is no room, or the name is too long, it is not remembered, and a process that
 * is ended by a signal leaves it for the next run to clear.
 * folder  an open folder, or AT_FDCWD; stays open until cvy_temporary_forget()
 * Returns what cvy_temporary_forget() takes. Any thread may call it.
 */
int cvy_temporary_remember(int folder, const char *name);

/** The file got its final name or was removed. -1 is allowed. */
void cvy_temporary_forget(int entry);

/** For a signal handler that ends the process afterwards: calls nothing but unlinkat(). */
void cvy_temporary_remove_all(void);

#endif
