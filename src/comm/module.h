/* What a communication module offers. A module is a shared object that is loaded at run time, so that the
 * same program runs with and without MPI; src/comm/mpi_module.c is the one there is. It is used by one
 * thread, the one that opened it (MPI_THREAD_FUNNELED), but for end_all(), which any thread may call.
 *
 * A function that returns a text returns NULL for success, else why it failed; the text is valid until
 * the next call. Sizes and offsets are bytes. */
#ifndef CVY_COMM_MODULE_H
#define CVY_COMM_MODULE_H

#include <stddef.h>

enum { CVY_COMM_MODULE_VERSION = 1 };

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

    /** End all processes at once; does not return. */
    void (*end_all)(int exit_status);
} cvy_comm_module;

/* What a module exports: a cvy_comm_module. */
#define CVY_COMM_MODULE_SYMBOL "cvy_comm_module_table"

#endif
