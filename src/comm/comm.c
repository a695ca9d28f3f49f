#define _GNU_SOURCE /* dladdr() */
#include "comm/comm.h"

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "comm/module.h"

struct cvy_comm {
    const cvy_comm_module *module;
    size_t rank, started;
    size_t size;           /* number of started ranks that take part */
    size_t *bytes, *first; /* [started] for cvy_comm_gather_runs() */
    int *verdicts;         /* [started] for cvy_comm_agree() */
    bool has_failed;       /* result of the last cvy_comm_agree() */
    cvy_comm_times times;
};

static const char module_file[] = "convoy_mpi.so";

/* --- the launcher --- */

static size_t count_in(const char *variable)
{
    const char *text = getenv(variable);
    const unsigned long count = text != NULL ? strtoul(text, NULL, 10) : 0;

    return count > 0 ? (size_t)count : 1;
}

size_t cvy_comm_launched(void)
{
    /* Open MPI; MPICH, Intel MPI and others with Hydra; MVAPICH */
    static const char *const variables[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                             "MV2_COMM_WORLD_SIZE" };
    const char *wish = getenv("CONVOY_MPI");
    size_t count = 1;

    if (wish != NULL && strcmp(wish, "off") == 0)
        return 1;
    for (size_t i = 0; count == 1 && i < sizeof variables / sizeof *variables; i++)
        count = count_in(variables[i]);
    /* srun sets the number of tasks in every step, MPI or not; with PMIx or PMI-2 it is MPI */
    if (count == 1 && (getenv("PMIX_RANK") != NULL || getenv("PMI_RANK") != NULL))
        count = count_in("SLURM_STEP_NUM_TASKS");
    return count;
}

/* --- the module --- */

/* The folder of the program or library that contains this code, with a trailing slash. */
static void find_own_folder(char *folder, size_t size)
{
    static const char marker;
    Dl_info info;
    const char *slash = NULL;

    if (dladdr(&marker, &info) != 0 && info.dli_fname != NULL)
        slash = strrchr(info.dli_fname, '/');
    snprintf(folder, size, "%.*s", slash != NULL ? (int)(slash - info.dli_fname) + 1 : 0,
             slash != NULL ? info.dli_fname : "");
}

/* A module's symbols are private, but MPI's must be visible to the plug-ins that it loads. */
static cvy_status load_from(const char *path, const cvy_comm_module **module)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);

    if (library == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s", dlerror());
    *module = dlsym(library, CVY_COMM_MODULE_SYMBOL);
    if (*module == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: not a module of convoy", path);
    if ((*module)->version != CVY_COMM_MODULE_VERSION)
        return cvy_fail(CVY_ERR_OPEN, "%s: version %u, expected %d: it belongs to another convoy",
                        path, (*module)->version, CVY_COMM_MODULE_VERSION);
    return CVY_OK;
}

static cvy_status load(const cvy_comm_module **module)
{
    static const char *const places[] = { "", "convoy/", "../" CVY_MODULE_FOLDER "/" };
    const char *named = getenv("CONVOY_MPI_MODULE");
    char own[2048], path[4096];

    if (named != NULL && named[0] != '\0')
        return load_from(named, module);
    find_own_folder(own, sizeof own);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s%s%s", own, places[i], module_file);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            continue;
        fclose(file);
        return load_from(path, module);
    }
    return cvy_fail(
        CVY_ERR_OPEN,
        "%s: not found, and it is needed where a launcher starts several processes; build with "
        "-DCONVOY_MPI=on, name it in CONVOY_MPI_MODULE, or set CONVOY_MPI=off for processes "
        "that know nothing of each other",
        module_file);
}

/* --- opening --- */

static cvy_status create(const cvy_comm_module *module, size_t rank, size_t size, cvy_comm **comm)
{
    cvy_comm *created;
    cvy_status status = cvy_memory_create(1, sizeof *created, &created);

    if (status != CVY_OK)
        return status;
    *created = (cvy_comm){ .module = module, .rank = rank, .started = size, .size = size };
    status = cvy_memory_create(size, sizeof *created->bytes, &created->bytes);
    if (status == CVY_OK)
        status = cvy_memory_create(size, sizeof *created->first, &created->first);
    if (status == CVY_OK)
        status = cvy_memory_create(size, sizeof *created->verdicts, &created->verdicts);
    if (status == CVY_OK) {
        *comm = created;
        return CVY_OK;
    }
    cvy_memory_free(created->bytes);
    cvy_memory_free(created->first);
    cvy_memory_free(created);
    return status;
}

cvy_status cvy_comm_open(cvy_comm **comm)
{
    const cvy_comm_module *module;
    const size_t launched = cvy_comm_launched();
    size_t rank, size;

    CVY_REQUIRE(comm);
    cvy_status status = load(&module);
    if (status != CVY_OK)
        return status;
    const char *why = module->open(&rank, &size);
    if (why != NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", module_file, why);
    if (size == 1 && launched > 1)
        return cvy_fail(
            CVY_ERR_SETTING,
            "%s: is for %s, but another MPI's launcher started the %zu processes; use the mpirun "
            "of that MPI, or a module for this one (CONVOY_MPI_MODULE)",
            module_file, module->describe(), launched);
    return create(module, rank, size, comm);
}

void cvy_comm_close(cvy_comm *comm)
{
    if (comm == NULL)
        return;
    comm->module->close();
    cvy_memory_free(comm->bytes);
    cvy_memory_free(comm->first);
    cvy_memory_free(comm->verdicts);
    cvy_memory_free(comm);
}

size_t cvy_comm_rank(const cvy_comm *comm)
{
    return comm != NULL ? comm->rank : 0;
}

size_t cvy_comm_size(const cvy_comm *comm)
{
    return comm != NULL ? comm->size : 1;
}

size_t cvy_comm_started(const cvy_comm *comm)
{
    return comm != NULL ? comm->started : 1;
}

const char *cvy_comm_library(const cvy_comm *comm)
{
    return comm != NULL ? comm->module->describe() : "none";
}

void cvy_comm_times_sized(const cvy_comm *comm, cvy_comm_times *times, size_t times_bytes)
{
    const size_t known = times_bytes < sizeof *times ? times_bytes : sizeof *times;

    if (times == NULL)
        return;
    memset(times, 0, times_bytes);
    if (comm != NULL)
        memcpy(times, &comm->times, known);
}

/* --- exchanging --- */

static cvy_status account(cvy_comm *comm, double start, size_t received, const char *why)
{
    comm->times.exchanges++;
    comm->times.bytes += (double)received;
    comm->times.seconds += cvy_clock_seconds() - start;
    return why == NULL ? CVY_OK
                       : cvy_fail(CVY_ERR_READ, "rank %zu of %zu: %s", comm->rank, comm->size, why);
}

/* Bytes received from other ranks. */
static size_t count_received(const cvy_comm *comm, const cvy_comm_parts *parts)
{
    size_t bytes = 0;

    for (size_t r = 0; r < comm->size; r++)
        if (r != comm->rank)
            bytes += parts->bytes[r];
    return bytes;
}

cvy_status cvy_comm_gather(cvy_comm *comm, const cvy_comm_parts *parts)
{
    const double start = cvy_clock_seconds();
    const char *why = comm->module->gather(parts->data, parts->bytes, parts->first);

    return account(comm, start, count_received(comm, parts), why);
}

cvy_status cvy_comm_all_to_all(cvy_comm *comm, const cvy_comm_parts *out, const cvy_comm_parts *in)
{
    const double start = cvy_clock_seconds();
    const char *why =
        comm->module->all_to_all(out->data, out->bytes, out->first, in->data, in->bytes, in->first);

    return account(comm, start, count_received(comm, in), why);
}

cvy_status cvy_comm_gather_runs(cvy_comm *comm, void *data, size_t count, size_t piece_bytes)
{
    const cvy_comm_parts runs = { data, comm->bytes, comm->first };

    for (size_t r = 0; r < comm->size; r++) {
        comm->first[r] = cvy_comm_begin(comm, r, count) * piece_bytes;
        comm->bytes[r] = cvy_comm_begin(comm, r + 1, count) * piece_bytes - comm->first[r];
    }
    return cvy_comm_gather(comm, &runs);
}

cvy_status cvy_comm_sum(cvy_comm *comm, float *data, size_t count)
{
    const double start = cvy_clock_seconds();
    const char *why = comm->module->sum(data, count);

    return account(comm, start, count * sizeof *data, why);
}

cvy_status cvy_comm_broadcast(cvy_comm *comm, void *data, size_t bytes, size_t root)
{
    CVY_REQUIRE(data);
    if (comm == NULL)
        return CVY_OK;
    const double start = cvy_clock_seconds();
    const char *why = comm->module->broadcast(data, bytes, root);

    return account(comm, start, comm->rank != root ? bytes : 0, why);
}

cvy_status cvy_comm_broadcast_text(cvy_comm *comm, char **text, size_t root)
{
    size_t bytes = comm->rank == root && *text != NULL ? strlen(*text) + 1 : 0;
    cvy_status status = cvy_comm_broadcast(comm, &bytes, sizeof bytes, root);

    if (status != CVY_OK)
        return status;
    if (comm->rank != root)
        *text = NULL;
    if (bytes == 0)
        return CVY_OK;
    if (comm->rank != root)
        status = cvy_memory_create(bytes, 1, text);
    /* a rank without memory for it must take part too, or the others would wait for ever */
    status = cvy_comm_agree(comm, status);
    return status == CVY_OK ? cvy_comm_broadcast(comm, *text, bytes, root) : status;
}

/* --- agreeing --- */

cvy_status cvy_comm_agree(cvy_comm *comm, cvy_status status)
{
    char sentence[CVY_ERROR_BYTES] = "";
    size_t failed = 0;

    if (comm == NULL)
        return status;
    int *all = comm->verdicts;
    all[comm->rank] = (int)status;
    if (status != CVY_OK)
        snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    cvy_status result = cvy_comm_gather_runs(comm, all, comm->size, sizeof *all);
    while (result == CVY_OK && failed < comm->size && all[failed] == CVY_OK)
        failed++;
    const int verdict = failed < comm->size ? all[failed] : CVY_OK;
    bool is_common = true;
    for (size_t r = 0; r < comm->size; r++)
        is_common = is_common && all[r] == verdict;
    comm->has_failed = failed < comm->size;
    if (result != CVY_OK || failed == comm->size)
        return result;
    result = cvy_comm_broadcast(comm, sentence, sizeof sentence, failed);
    if (result != CVY_OK)
        return result;
    cvy_fail_again((cvy_status)verdict, sentence);
    return is_common || failed == 0 ? (cvy_status)verdict
                                    : cvy_fail_at((cvy_status)verdict, "rank %zu", failed);
}

cvy_status cvy_comm_any(cvy_comm *comm, bool *is_true)
{
    CVY_REQUIRE(is_true);
    if (comm == NULL)
        return CVY_OK;
    comm->verdicts[comm->rank] = *is_true;
    const cvy_status status =
        cvy_comm_gather_runs(comm, comm->verdicts, comm->size, sizeof *comm->verdicts);
    for (size_t r = 0; status == CVY_OK && r < comm->size; r++)
        *is_true = *is_true || comm->verdicts[r] != 0;
    return status;
}

bool cvy_comm_has_failed(const cvy_comm *comm)
{
    return comm != NULL && comm->has_failed;
}

/* --- ranks that take part --- */

static cvy_status fail_read(const cvy_comm *comm, const char *why)
{
    return cvy_fail(CVY_ERR_READ, "rank %zu of %zu: %s", comm->rank, comm->started, why);
}

bool cvy_comm_meet(cvy_comm *comm, double seconds)
{
    int all_came = 0;

    if (comm == NULL)
        return true;
    return comm->module->meet(seconds, &all_came) == NULL && all_came != 0;
}

cvy_status cvy_comm_narrow(cvy_comm *comm, size_t count)
{
    if (count == 0)
        return cvy_fail(CVY_ERR_SETTING, "count: found 0 ranks, expected at least 1");
    if (comm == NULL)
        return CVY_OK;
    if (!cvy_comm_meet(comm, HUGE_VAL))
        return fail_read(comm, "the ranks could not meet");
    const char *why = comm->module->narrow(count);
    if (why != NULL)
        return fail_read(comm, why);
    comm->size = count < comm->started ? count : comm->started;
    return CVY_OK;
}

/* --- measuring --- */

cvy_status cvy_comm_ping(cvy_comm *comm, size_t other, size_t bytes, size_t times, double *seconds)
{
    char *data;

    CVY_REQUIRE(comm);
    CVY_REQUIRE(seconds);
    if (other == 0 || other >= comm->size)
        return cvy_fail(CVY_ERR_SETTING, "other: found rank %zu, expected 1 to %zu", other,
                        comm->size - 1);
    cvy_status status = cvy_memory_create(bytes, 1, &data);
    if (status != CVY_OK)
        return status;
    const char *why = comm->module->ping(data, bytes, other); /* this may have to connect */
    *seconds = HUGE_VAL;
    for (size_t i = 0; why == NULL && i < times; i++) {
        const double start = cvy_clock_seconds();
        why = comm->module->ping(data, bytes, other);
        *seconds = fmin(*seconds, (cvy_clock_seconds() - start) / 2);
    }
    cvy_memory_free(data);
    return why == NULL ? CVY_OK : fail_read(comm, why);
}

cvy_status cvy_comm_time_exchange(cvy_comm *comm, size_t bytes_each, size_t times, double *seconds)
{
    char *data;

    CVY_REQUIRE(seconds);
    *seconds = 0;
    if (comm == NULL)
        return CVY_OK;
    *seconds = HUGE_VAL;
    cvy_status status = cvy_comm_agree(comm, cvy_memory_create(comm->size, bytes_each, &data));
    for (size_t i = 0; status == CVY_OK && i <= times; i++) {
        const double start = cvy_clock_seconds();
        status = cvy_comm_gather_runs(comm, data, comm->size, bytes_each);
        if (i > 0) /* the first includes the wait for ranks that enter it later */
            *seconds = fmin(*seconds, cvy_clock_seconds() - start);
    }
    cvy_memory_free(data);
    return status;
}

void cvy_comm_end_all(cvy_comm *comm, int exit_status)
{
    if (comm != NULL && comm->started > 1)
        comm->module->end_all(exit_status);
}
