/* Several processes that train one model together, on one machine or many, over MPI.
 *
 * Every process makes the same calls with the same settings, and cvy_train_settings.comm is what
 * cvy_comm_open() gave it: the lanes of each batch are divided among the ranks, and every rank ends with the
 * weights that one process would have learned, to the last bit.
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

/** How many ranks a launcher (mpirun, mpiexec, srun) says there are, from the environment; 1 where this
 *  process was started alone, or where CONVOY_MPI=off. */
CVY_API size_t cvy_comm_launched(void);

/**
 * Join the processes that were started together. Loads the module for MPI, convoy_mpi.so, which is looked for
 * in CONVOY_MPI_MODULE, beside the program, and where convoy was installed.
 * comm  written on CVY_OK; released with cvy_comm_close(), which all ranks call
 * Returns CVY_ERR_OPEN when there is no module or MPI cannot start, CVY_ERR_SETTING when the module belongs
 * to another MPI than the launcher, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_open(cvy_comm **comm);

/** All ranks call it. NULL is allowed. */
CVY_API void cvy_comm_close(cvy_comm *comm);

/** This process's number, from 0, and how many there are. NULL: 0 and 1. */
CVY_API size_t cvy_comm_rank(const cvy_comm *comm);
CVY_API size_t cvy_comm_size(const cvy_comm *comm);

/** Which library carries the messages, as in "Open MPI v4.1.4". Valid until cvy_comm_close(). */
CVY_API const char *cvy_comm_library(const cvy_comm *comm);

/**
 * Whether all ranks have come this far without failure: every rank passes the status that it has, and all
 * get the same one back, CVY_OK or that of the first rank that failed, whose sentence cvy_error_message()
 * then is on all of them. comm: NULL returns `status`.
 */
CVY_API cvy_status cvy_comm_agree(cvy_comm *comm, cvy_status status);

/** Whether the last call of cvy_comm_agree() returned a failure, of which therefore all ranks know. */
CVY_API bool cvy_comm_has_failed(const cvy_comm *comm);

/** End the processes of all ranks, each with that exit status: for a failure that the others cannot know of.
 *  Does not return where there is more than one rank. */
CVY_API void cvy_comm_end_all(cvy_comm *comm, int exit_status);

/* For programs that give ranks different work, such as convoy scale. */

/**
 * From now on only the first `count` ranks take part in training, evaluation and the functions below;
 * cvy_comm_size() is that many. Called by all ranks that were started, which wait for each other without using
 * a core; those that do not take part next call this function again, or cvy_comm_close(). count: from 1; more
 * than were started means all of them. comm: NULL is allowed. Returns CVY_ERR_READ, CVY_ERR_SETTING (0 ranks).
 */
CVY_API cvy_status cvy_comm_narrow(cvy_comm *comm, size_t count);

/** How many ranks were started. NULL: 1. */
CVY_API size_t cvy_comm_started(const cvy_comm *comm);

/** `bytes` bytes of rank `root` go to all ranks that take part. comm: NULL returns CVY_OK. Returns
 *  CVY_ERR_READ. */
CVY_API cvy_status cvy_comm_broadcast(cvy_comm *comm, void *data, size_t bytes, size_t root);

/**
 * Seconds that a message of so many bytes takes from rank 0 to rank `other`: half of a round trip, the fastest of
 * `times` (Hockney's ping-pong). Called by these two ranks; written on both. Returns CVY_ERR_READ, CVY_ERR_MEMORY,
 * CVY_ERR_SETTING where there is no such rank, or it is rank 0.
 */
CVY_API cvy_status cvy_comm_ping(cvy_comm *comm, size_t other, size_t bytes, size_t times,
                                 double *seconds);

/**
 * Seconds of an exchange as a training step makes it, in which every rank gives bytes_each bytes to all others,
 * when no rank has to be waited for: the fastest of `times` in a row. Called by all ranks that take part. comm: NULL
 * is 0 seconds. Returns CVY_ERR_READ, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_time_exchange(cvy_comm *comm, size_t bytes_each, size_t times,
                                          double *seconds);

enum { CVY_SHARED_PATH_BYTES = 1024 };

/**
 * A file that rank 0 can read is copied to ranks that cannot: all call it.
 * path       on rank 0; the others' is not looked at
 * is_wanted  whether this rank needs a copy; not looked at on rank 0
 * copy       written on CVY_OK: the name of the copy, in $TMPDIR, else /var/tmp, which the caller removes; "" on rank 0
 *            and where it was not wanted
 * Returns the same on all ranks: CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_comm_share_file(cvy_comm *comm, const char *path, bool is_wanted,
                                       char copy[CVY_SHARED_PATH_BYTES]);

/** Whether the statement is true on any of the ranks that take part. All call it. comm: NULL returns CVY_OK, and
 *  *is_true stays. Returns CVY_ERR_READ. */
CVY_API cvy_status cvy_comm_any(cvy_comm *comm, bool *is_true);

/** Whether all ranks that were started have called it; waits up to so many seconds for them. Where it is false,
 *  nothing but cvy_comm_end_all() may follow. comm: NULL is true. */
CVY_API bool cvy_comm_meet(cvy_comm *comm, double seconds);

/* What has been exchanged so far by this rank. Grows at the end only. */
typedef struct {
    size_t exchanges; /* messages that all ranks took part in */
    double bytes;     /* that this rank received */
    double seconds;   /* from entering an exchange to leaving it, waiting for others included */
} cvy_comm_times;

/** The first times_bytes bytes of it: as many as the caller's header knows; bytes that the library does not
 *  know become 0. Of NULL, all are 0. */
CVY_API void cvy_comm_times_sized(const cvy_comm *comm, cvy_comm_times *times, size_t times_bytes);

/** The same as a value. */
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
