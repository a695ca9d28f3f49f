#define _GNU_SOURCE /* sched_getaffinity() */
#include "cli/ranks.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/minmax.h"
#include "cli/program.h"

static bool follows;

cvy_status cvy_ranks_open(cvy_comm **comm)
{
    *comm = NULL;
    if (cvy_comm_launched() == 1)
        return CVY_OK;
    cvy_status status = cvy_comm_open(comm);
    follows = cvy_comm_rank(*comm) > 0;
    return status;
}

void cvy_ranks_close(cvy_comm *comm)
{
    cvy_comm_close(comm);
}

bool cvy_ranks_follows(void)
{
    return follows;
}

/* How many ranks there are on this machine, as the launcher says it; 1 where it does not. */
static size_t count_neighbors(void)
{
    static const char *const variables[] = { "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                             "MV2_COMM_WORLD_LOCAL_SIZE" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i]);
        const unsigned long count = text != NULL ? strtoul(text, NULL, 10) : 0;
        if (count > 1)
            return (size_t)count;
    }
    return 1;
}

/* Whether the launcher has given this process some of the machine's processors only. */
static bool is_bound(void)
{
    cpu_set_t set;
    const long online = sysconf(_SC_NPROCESSORS_ONLN);

    return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < online;
}

/* Ranks that the launcher has not bound to cores of their own share those of the machine. */
static void share_threads(cvy_common_options *common)
{
    const size_t neighbors = count_neighbors();

    if (common->has_threads || getenv("OMP_NUM_THREADS") != NULL || is_bound())
        return;
    common->threads = cvy_max(common->threads / neighbors, 1);
    common->threads_wanted = common->threads;
}

cvy_call cvy_ranks_take_call(const cvy_comm *comm, const cvy_call *call)
{
    cvy_call mine = *call;

    if (comm == NULL)
        return mine;
    share_threads(&mine.common);
    mine.common.quiet = mine.common.quiet || follows;
    mine.common.json = mine.common.json && !follows;
    return mine;
}

cvy_status cvy_ranks_give_up(cvy_comm *comm, cvy_status status)
{
    if (cvy_comm_size(comm) == 1)
        return status;
    fprintf(stderr, "convoy: rank %zu: %s\n", cvy_comm_rank(comm), cvy_error_message());
    cvy_comm_end_all(comm, CVY_EXIT_FAILED);
    return status;
}
