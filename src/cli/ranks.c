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

#include "base/build.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/minmax.h"
#include "cli/program.h"
#include "cli/signals.h"
#include "convoy/convoy.h"

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

/* Different versions may neither understand each other nor compute the same. */
static cvy_status check_program(cvy_comm *comm)
{
    char own[128] = "", first[128];

    snprintf(own, sizeof own, "%s (%s)", CVY_VERSION_STRING, cvy_build_commit);
    memcpy(first, own, sizeof first);
    cvy_status status = cvy_comm_broadcast(comm, first, sizeof first, 0);
    if (status == CVY_OK && strcmp(first, own) != 0)
        status =
            cvy_fail(CVY_ERR_SETTING,
                     "found convoy %s, rank 0 is %s; all ranks need the same program", own, first);
    return cvy_comm_agree(comm, status);
}

/* comm: NULL if this process is alone; the same in every call. */
static cvy_status join(cvy_comm **comm)
{
    const char *wish = getenv("CONVOY_MPI");

    *comm = joined;
    if (joined != NULL)
        return CVY_OK;
    if (wish != NULL && wish[0] != '\0' && strcmp(wish, "off") != 0 && strcmp(wish, "on") != 0)
        return cvy_fail(CVY_ERR_SETTING, "CONVOY_MPI: found \"%.40s\", expected on or off", wish);
    if (cvy_comm_launched() == 1)
        return CVY_OK;
    const cvy_status status = cvy_comm_open(&joined);
    if (status != CVY_OK)
        return status;
    *comm = joined;
    return check_program(joined);
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
    const cvy_status ended = run_rank(&mine, comm);
    if (ended != CVY_ERR_STOPPED || !cvy_comm_has_failed(comm)) /* of which all ranks know */
        return ended;
    char sentence[CVY_ERROR_BYTES];
    snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    const cvy_status shared = cvy_ranks_share_signal(comm);
    return shared == CVY_OK ? cvy_fail_again(ended, sentence) : shared;
}

/* --- sharing --- */

cvy_status cvy_ranks_read_file(const char *path, size_t limit_bytes, unsigned char **bytes,
                               size_t *size)
{
    cvy_comm *comm;
    cvy_status status = join(&comm);

    *bytes = NULL;
    *size = 0;
    if (status != CVY_OK)
        return status;
    if (cvy_comm_rank(comm) == 0)
        status = cvy_file_read(path, limit_bytes, bytes, size);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(comm, size, sizeof *size, 0);
    if (status == CVY_OK && cvy_comm_rank(comm) > 0)
        status = cvy_memory_create(*size + 1, 1, bytes);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(comm, *bytes, *size, 0);
    if (status == CVY_OK)
        return CVY_OK;
    cvy_memory_free(*bytes);
    *bytes = NULL;
    return status;
}

cvy_status cvy_ranks_share_signal(cvy_comm *comm)
{
    bool is_signaled = cvy_stop_requested();
    cvy_status status = cvy_comm_any(comm, &is_signaled);

    for (size_t r = 0; status == CVY_OK && is_signaled && r < cvy_comm_size(comm); r++) {
        int number = cvy_stop_signal();
        status = cvy_comm_broadcast(comm, &number, sizeof number, r);
        if (number == 0)
            continue;
        cvy_stop_adopt(number);
        break;
    }
    return status;
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
