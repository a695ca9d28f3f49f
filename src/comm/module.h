/* What a communication module offers. A module is a shared object that is loaded at run time, so that the
 * same program runs with and without MPI; src/comm/mpi_module.c is the one there is. It is used by one
 * thread, the one that opened it (MPI_THREAD_FUNNELED), but for end_all(), which any thread may call.
 *
 * A function that returns a text returns NULL for success, else why it failed; the text is valid until
 * the next call. Sizes and offsets are bytes. */
#ifndef CVY_COMM_MODULE_H
#define CVY_COMM_MODULE_H

#include <stddef.h>

enum { CVY_COMM_MODULE_VERSION = 2 };

typedef struct {
    unsigned version; /* CVY_COMM_MODULE_VERSION */

    /** Join the processes that were started together. */
    const char *(*open)(size_t *rank, size_t *size);
    void (*close)(void);

    /** Which library it is, as in "Open MPI v4.1.4". */
    const char *(*describe)(void);

    /** Every rank r has filled in data[first[r]] to data[first[r] + bytes[r] - 1] where r is itself;
     *  afterwards all have all of it. bytes, first: [size], the same on all ranks. */
    const char *(*gather)(char *data, const size_t *bytes, const size_t *first);

    /** Rank `root` gives `bytes` bytes to all. */
    const char *(*broadcast)(char *data, size_t bytes, size_t root);

    /** Element by element the sum over all ranks, in an order of the library's own; all get it. */
    const char *(*sum)(float *data, size_t count);

    /** Called by all processes that were started: from now on only the first `count` of them take part in
     *  gather(), broadcast(), sum() and ping(). */
    const char *(*narrow)(size_t count);

    /** Whether all processes that were started have called it; waits up to so many seconds for them, mostly
     *  asleep. After a wait that ended without them, nothing but end_all() may follow. */
    const char *(*meet)(double seconds, int *all_came);

    /** Called by rank 0 and by rank `other`: bytes go there and back. */
    const char *(*ping)(char *data, size_t bytes, size_t other);

    /** End all processes at once; does not return. */
    void (*end_all)(int exit_status);
} cvy_comm_module;

/* What a module exports: a cvy_comm_module. */
#define CVY_COMM_MODULE_SYMBOL "cvy_comm_module_table"

#endif
