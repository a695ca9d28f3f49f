/* Several processes that train one model together, on one machine or many, over MPI.
 *
 * Every process makes the same calls with the same settings, and cvy_train_settings.comm is what
 * cvy_comm_open() gave it: the lanes of each batch are divided among the ranks, and every rank ends
 * with the weights that one process would have learned, to the last bit.
 *
 * Threads: a cvy_comm belongs to the thread that opened it, which must also be the one that calls
 * cvy_train(). One per process. */
#ifndef CONVOY_COMM_H
#define CONVOY_COMM_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_comm cvy_comm;

/** The number of ranks that the launcher (mpirun, mpiexec, srun) announces in the environment; 1 if
 *  this process was started alone, or if CONVOY_MPI=off. */
CVY_API size_t cvy_comm_launched(void);

/**
 * Join the processes that were started together. Loads the MPI module, convoy_mpi.so, from
 * CONVOY_MPI_MODULE, the program's folder or the installation.
 * comm  written on CVY_OK; released with cvy_comm_close(), which all ranks call
 * Returns CVY_ERR_OPEN if there is no module or MPI cannot start, CVY_ERR_SETTING if the module was
 * built for another MPI than the launcher's, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_open(cvy_comm **comm);

/** Leave. Called by all ranks. NULL is allowed. */
CVY_API void cvy_comm_close(cvy_comm *comm);

/** This process's rank, from 0, and the number of ranks. NULL: 0 and 1. */
CVY_API size_t cvy_comm_rank(const cvy_comm *comm);
CVY_API size_t cvy_comm_size(const cvy_comm *comm);

/** The library that carries the messages, as in "Open MPI v4.1.4". Valid until cvy_comm_close(). */
CVY_API const char *cvy_comm_library(const cvy_comm *comm);

/**
 * Agree on success: every rank passes its status, and all get the same one back: CVY_OK, or the
 * status of the first rank that failed, whose sentence cvy_error_message() then returns on all of
 * them.
 * comm: NULL returns `status`.
 */
CVY_API cvy_status cvy_comm_agree(cvy_comm *comm, cvy_status status);

/** Whether the last call of cvy_comm_agree() returned a failure; if so, all ranks know of it. */
CVY_API bool cvy_comm_has_failed(const cvy_comm *comm);

/** End the processes of all ranks with this exit status, after a failure that the others cannot
 *  know of. Does not return if there is more than one rank. */
CVY_API void cvy_comm_end_all(cvy_comm *comm, int exit_status);

/* For programs that give ranks different work, such as convoy scale. */

/**
 * From now on only the first `count` ranks take part in training, evaluation and the functions
 * below, and cvy_comm_size() returns that number. Called by all ranks that were started; they wait
 * for each other without using a core. Ranks that do not take part next call this function again,
 * or cvy_comm_close(). count: from 1; more than were started means all of them. comm: NULL is
 * allowed.
 * Returns CVY_ERR_READ, CVY_ERR_SETTING (0 ranks).
 */
CVY_API cvy_status cvy_comm_narrow(cvy_comm *comm, size_t count);

/** The number of ranks that were started. NULL: 1. */
CVY_API size_t cvy_comm_started(const cvy_comm *comm);

/** Send `bytes` bytes from rank `root` to all ranks that take part. comm: NULL returns CVY_OK.
 *  Returns CVY_ERR_READ. */
CVY_API cvy_status cvy_comm_broadcast(cvy_comm *comm, void *data, size_t bytes, size_t root);

/**
 * Measure the seconds that a message of `bytes` bytes takes from rank 0 to rank `other`: half of a
 * round trip, the fastest of `times` (Hockney's ping-pong). Called by these two ranks; written on
 * both. Returns CVY_ERR_READ, CVY_ERR_MEMORY, CVY_ERR_SETTING if there is no such rank, or it is
 * rank 0.
 */
CVY_API cvy_status cvy_comm_ping(cvy_comm *comm, size_t other, size_t bytes, size_t times,
                                 double *seconds);

/**
 * Measure the seconds of an exchange as a training step makes it: every rank sends bytes_each bytes
 * to all others, and no rank is late. The fastest of `times` in a row. Called by all ranks that
 * take part. comm: NULL gives 0 seconds. Returns CVY_ERR_READ, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_time_exchange(cvy_comm *comm, size_t bytes_each, size_t times,
                                          double *seconds);

enum { CVY_SHARED_PATH_BYTES = 1024 };

/**
 * Copy a file that rank 0 can read to the ranks that cannot. Called by all ranks.
 * path       on rank 0; ignored on the others
 * is_wanted  whether this rank needs a copy; ignored on rank 0
 * copy       written on CVY_OK: the name of the copy, in $TMPDIR, else /var/tmp, which the caller
 *            removes; "" on rank 0 and on ranks that did not want one
 * Returns the same on all ranks: CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_share_file(cvy_comm *comm, const char *path, bool is_wanted,
                                       char copy[CVY_SHARED_PATH_BYTES]);

/** Make *is_true true on all ranks that take part if it is true on any. Called by all of them.
 *  comm: NULL returns CVY_OK and leaves *is_true. Returns CVY_ERR_READ. */
CVY_API cvy_status cvy_comm_any(cvy_comm *comm, bool *is_true);

/** Whether all ranks that were started have called this; waits at most `seconds` for them. After
 *  false, only cvy_comm_end_all() may be called. comm: NULL returns true. */
CVY_API bool cvy_comm_meet(cvy_comm *comm, double seconds);

/* What this rank has exchanged so far. Grows at the end only. */
typedef struct {
    size_t exchanges; /* messages in which all ranks took part */
    double bytes;     /* received by this rank */
    double seconds;   /* from entering an exchange to leaving it, including the wait for others */
} cvy_comm_times;

/** Write the first times_bytes bytes of a cvy_comm_times, as many as the caller's header knows;
 *  bytes that the library does not know become 0. comm: NULL writes zeros only. */
CVY_API void cvy_comm_times_sized(const cvy_comm *comm, cvy_comm_times *times, size_t times_bytes);

/** The times as a value. */
static inline cvy_comm_times cvy_comm_times_of(const cvy_comm *comm)
{
    cvy_comm_times times;

    cvy_comm_times_sized(comm, &times, sizeof times);
    return times;
}

#ifdef __cplusplus
}
#endif

#endif
