#define _GNU_SOURCE /* sched_getaffinity() */
#include "cli/ranks.h"

#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/minmax.h"
#include "cli/program.h"

static cvy_comm *joined; /* NULL: this process is alone */

/* A number set by the launcher, or 0. */
static unsigned long number_in(const char *const *variables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (getenv(variables[i]) != NULL)
            return strtoul(getenv(variables[i]), NULL, 10);
    return 0;
}

bool cvy_ranks_follows(void)
{
    /* Open MPI; MPICH and others with Hydra; srun with PMIx; MVAPICH */
    static const char *const variables[] = { "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK",
                                             "MV2_COMM_WORLD_RANK" };
    return cvy_comm_launched() > 1 &&
           number_in(variables, sizeof variables / sizeof *variables) > 0;
}

static cvy_status join(cvy_comm **comm)
{
    const char *wish = getenv("CONVOY_MPI");

    *comm = NULL;
    if (wish != NULL && wish[0] != '\0' && strcmp(wish, "off") != 0 && strcmp(wish, "on") != 0)
        return cvy_fail(CVY_ERR_SETTING, "CONVOY_MPI: found \"%.40s\", expected on or off", wish);
    if (cvy_comm_launched() == 1)
        return CVY_OK;
    cvy_status status = cvy_comm_open(comm);
    if (status == CVY_OK)
        joined = *comm;
    return status;
}

size_t cvy_ranks_neighbours(void)
{
    static const char *const variables[] = { "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                             "MV2_COMM_WORLD_LOCAL_SIZE",
                                             "SLURM_STEP_TASKS_PER_NODE" };
    return cvy_max(number_in(variables, sizeof variables / sizeof *variables), 1);
}

/* Whether the launcher has bound this process to some of the machine's processors. */
static bool is_bound(void)
{
    cpu_set_t set;
    const long online = sysconf(_SC_NPROCESSORS_ONLN);

    return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < online;
}

/* Ranks that the launcher has not bound to their own cores share those of the machine. */
static void share_threads(cvy_common_options *common)
{
    const size_t neighbors = cvy_ranks_neighbours();

    if (common->has_threads || getenv("OMP_NUM_THREADS") != NULL || is_bound())
        return;
    common->threads = cvy_max(common->threads / neighbors, 1);
    common->threads_wanted = common->threads;
}

static cvy_call take_call(const cvy_comm *comm, const cvy_call *call)
{
    cvy_call mine = *call;

    if (comm == NULL)
        return mine;
    share_threads(&mine.common);
    mine.common.quiet = mine.common.quiet || cvy_ranks_follows();
    mine.common.json = mine.common.json && !cvy_ranks_follows();
    return mine;
}

cvy_status cvy_ranks_run(const cvy_call *call,
                         cvy_status (*run_rank)(const cvy_call *call, cvy_comm *comm))
{
    cvy_comm *comm;
    const cvy_status status = join(&comm);

    if (status != CVY_OK)
        return status;
    const cvy_call mine = take_call(comm, call);
    return run_rank(&mine, comm);
}

cvy_status cvy_ranks_give_up(cvy_comm *comm, cvy_status status)
{
    if (cvy_comm_size(comm) == 1)
        return status;
    fprintf(stderr, "convoy: rank %zu: %s\n", cvy_comm_rank(comm), cvy_error_message());
    cvy_comm_end_all(comm, CVY_EXIT_FAILED);
    return status;
}

/* If only one rank fails, the others wait in an exchange that it never enters. */
static const double seconds_to_follow = 5;

int cvy_ranks_leave(int exit_status)
{
    static const struct timespec moment = { .tv_nsec = 300000000 };
    const bool is_alone = exit_status != CVY_EXIT_DONE && !cvy_comm_has_failed(joined);

    if (joined != NULL) {
        signal(SIGTERM, SIG_IGN); /* sent by the launcher once the first rank has ended */
        if (!cvy_comm_meet(joined, is_alone ? seconds_to_follow : HUGE_VAL))
            cvy_comm_end_all(joined, exit_status);
        cvy_comm_close(joined);
        joined = NULL;
    } else if (exit_status != CVY_EXIT_DONE && cvy_ranks_follows()) {
        signal(SIGTERM, SIG_DFL); /* without a message */
        nanosleep(&moment, NULL); /* there is no event to wait for */
    }
    return exit_status;
}
