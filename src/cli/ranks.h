/* The program under mpirun: several processes run one command together. Rank 0 leads: only it
 * prints and writes files. The others follow: they make the same calls silently. */
#ifndef CVY_CLI_RANKS_H
#define CVY_CLI_RANKS_H

#include <stdbool.h>

#include "cli/command.h"
#include "convoy/comm.h"

/** Whether this process is a follower, according to the launcher's environment variables. */
bool cvy_ranks_follows(void);

/** The number of ranks on this machine, as announced by the launcher; 1 if it is not. */
size_t cvy_ranks_neighbours(void);

/**
 * Run a command on this rank; all ranks that were started with it do the same. The call is adapted
 * to the rank: a follower prints nothing, and ranks that are not bound to their own cores divide
 * the machine's threads unless the user chose a number.
 * run_rank  gets NULL for comm if this process is alone
 * Returns what run_rank() or cvy_comm_open() returns.
 */
cvy_status cvy_ranks_run(const cvy_call *call,
                         cvy_status (*run_rank)(const cvy_call *call, cvy_comm *comm));

/**
 * Read a small file on rank 0 for all ranks; with one process, cvy_file_read(). Called by all ranks of a
 * command that several ranks run. Returns the same on all of them: what cvy_file_read(),
 * cvy_comm_open() and cvy_comm_broadcast() return.
 */
cvy_status cvy_ranks_read_file(const char *path, size_t limit_bytes, unsigned char **bytes,
                               size_t *size);

/** Let a signal to any rank count as a signal to all, so that rank 0 ends with its exit status. Called by
 *  all ranks. comm: NULL is one process. Returns CVY_ERR_READ. */
cvy_status cvy_ranks_share_signal(cvy_comm *comm);

/** After a failure that the other ranks do not know of: print it and end all ranks. Returns
 *  `status` if there are no others. */
cvy_status cvy_ranks_give_up(cvy_comm *comm, cvy_status status);

/** Called last with the program's exit status, which it returns. A launcher kills all ranks as soon
 *  as one has failed, so a follower waits here until the leader has printed the reason. */
int cvy_ranks_leave(int exit_status);

#endif
