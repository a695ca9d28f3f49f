/* The interface of a communication module, a shared object that is loaded at run time, so that the
 * same program runs with and without MPI; src/comm/mpi_module.c is the only one. Only the thread
 * that opened it may use it (MPI_THREAD_FUNNELED), except for end_all(), which any thread may call.
 *
 * A function that returns a text returns NULL for success, else the reason of the failure; the text
 * is valid until the next call. Sizes and offsets are in bytes. */
#ifndef CVY_COMM_MODULE_H
#define CVY_COMM_MODULE_H

#include <stddef.h>

enum { CVY_COMM_MODULE_VERSION = 3 };

typedef struct {
    unsigned version; /* CVY_COMM_MODULE_VERSION */

    /** Join the processes that were started together. */
    const char *(*open)(size_t *rank, size_t *size);
    void (*close)(void);

    /** The name of the library, as in "Open MPI v4.1.4". */
    const char *(*describe)(void);

    /** Each rank r has filled in data[first[r]] to data[first[r] + bytes[r] - 1]; afterwards all
     *  ranks have everything. bytes, first: [size], the same on all ranks. */
    const char *(*gather)(char *data, const size_t *bytes, const size_t *first);

    /** Send out[out_first[r]] to out[out_first[r] + out_bytes[r] - 1] to rank r, for each r, and receive
     *  the message from rank q at in[in_first[q]]. The rank's own parts are left alone. At most
     *  INT_MAX bytes in each buffer. */
    const char *(*all_to_all)(const char *out, const size_t *out_bytes, const size_t *out_first,
                              char *in, const size_t *in_bytes, const size_t *in_first);

    /** Send `bytes` bytes from rank `root` to all. */
    const char *(*broadcast)(char *data, size_t bytes, size_t root);

    /** Sum each element over all ranks, in an order that the library chooses; all get the sums. */
    const char *(*sum)(float *data, size_t count);

    /** Called by all processes that were started: from now on only the first `count` take part in
     *  gather(), broadcast(), sum() and ping(). */
    const char *(*narrow)(size_t count);

    /** Whether all processes that were started have called this; waits at most `seconds` for them,
     *  mostly asleep. If they have not, only end_all() may be called afterwards. */
    const char *(*meet)(double seconds, int *all_came);

    /** Called by rank 0 and by rank `other`: sends bytes there and back. */
    const char *(*ping)(char *data, size_t bytes, size_t other);

    /** End all processes at once; does not return. */
    void (*end_all)(int exit_status);
} cvy_comm_module;

/* The exported symbol: a cvy_comm_module. */
#define CVY_COMM_MODULE_SYMBOL "cvy_comm_module_table"

#endif
