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

/** Join the other ranks, if this process was started with any. *comm: NULL where it was not. Returns what
 *  cvy_comm_open() returns. */
cvy_status cvy_ranks_open(cvy_comm **comm);

/** The call as this rank makes it: a follower says nothing, and ranks that were not bound to cores of their own
 *  share the machine's threads where none were asked for. */
cvy_call cvy_ranks_take_call(const cvy_comm *comm, const cvy_call *call);

/** After a failure that the other ranks do not know of: say it, and end all of them. Returns `status` where there
 *  are no others. */
cvy_status cvy_ranks_give_up(cvy_comm *comm, cvy_status status);

/** Called last, with the program's exit status, which it returns. A launcher kills all ranks as soon as one has
 *  failed, so a follower waits here until the leader has printed why. */
int cvy_ranks_leave(int exit_status);

#endif
