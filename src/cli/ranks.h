/* The program under mpirun: several processes run one command together. Rank 0 leads: it alone prints, and
 * writes files. The others follow: they make the same calls, in silence. */
#ifndef CVY_CLI_RANKS_H
#define CVY_CLI_RANKS_H

#include <stdbool.h>

#include "cli/command.h"
#include "convoy/comm.h"

/** Whether this process follows another one, from what the launcher says in the environment. */
bool cvy_ranks_follows(void);

/** How many ranks there are on this machine, as the launcher says it; 1 where it does not. */
size_t cvy_ranks_neighbours(void);

/**
 * Run a command on this rank, and so on all that were started with it. The call is as this rank makes it: a follower
 * prints nothing, and ranks that were not bound to cores of their own share the machine's threads where none were asked
 * for.
 * run_rank  gets NULL for the ranks where this process is alone
 * Returns what run_rank() or cvy_comm_open() returns.
 */
cvy_status cvy_ranks_run(const cvy_call *call,
                         cvy_status (*run_rank)(const cvy_call *call, cvy_comm *comm));

/** After a failure that the other ranks do not know of: say it, and end all of them. Returns `status` where there
 *  are no others. */
cvy_status cvy_ranks_give_up(cvy_comm *comm, cvy_status status);

/** Called last, with the program's exit status, which it returns. A launcher kills all ranks as soon as one has
 *  failed, so a follower waits here until the leader has printed why. */
int cvy_ranks_leave(int exit_status);

#endif
