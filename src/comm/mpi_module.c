/* The communication module for MPI: Open MPI, MPICH, or whichever MPI mpicc belongs to. */
#define _GNU_SOURCE /* nanosleep() */
#include "comm/module.h"

#include <limits.h>
#include <mpi.h>
#include <string.h>
#include <time.h>

/* MPI 3 uses ints for counts and offsets; larger messages are sent in parts. */
static const size_t part_bytes = (size_t)1 << 30;

enum { RANKS_MAX = 65536 };

static int rank, size, started; /* size: of `active`; started: of all */
static MPI_Comm active;         /* the ranks that take part now */
static MPI_Comm meetings;       /* all ranks; used only by meet() */
static int counts[RANKS_MAX], offsets[RANKS_MAX];
static int sent[RANKS_MAX], sent_offsets[RANKS_MAX];

/* Returns NULL, or MPI's text for an error. */
static const char *explain(int error)
{
    static char text[MPI_MAX_ERROR_STRING];
    int length;

    if (error == MPI_SUCCESS)
        return NULL;
    if (MPI_Error_string(error, text, &length) != MPI_SUCCESS)
        return "an error of MPI without a text";
    return text;
}

static const char *join(size_t *my_rank, size_t *rank_count)
{
    int granted, is_running;
    int error = MPI_Initialized(&is_running);

    if (error == MPI_SUCCESS && !is_running)
        error = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &granted);
    if (error == MPI_SUCCESS)
        error = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (error == MPI_SUCCESS)
        error = MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (error == MPI_SUCCESS)
        error = MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (error == MPI_SUCCESS)
        error = MPI_Comm_dup(MPI_COMM_WORLD, &meetings);
    if (error != MPI_SUCCESS)
        return explain(error);
    active = MPI_COMM_WORLD;
    started = size;
    if (size > RANKS_MAX)
        return "more than 65,536 ranks";
    *my_rank = (size_t)rank;
    *rank_count = (size_t)size;
    return NULL;
}

static void leave(void)
{
    int is_over;

    if (MPI_Finalized(&is_over) == MPI_SUCCESS && !is_over)
        MPI_Finalize();
}

/* The first line of the library's description of itself. */
static const char *describe(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;

    if (MPI_Get_library_version(text, &length) != MPI_SUCCESS)
        return "MPI";
    text[strcspn(text, ",\n")] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\t')
            *c = ' ';
    return text;
}

static const char *broadcast(char *data, size_t bytes, size_t root)
{
    int error = MPI_SUCCESS;

    for (size_t done = 0; error == MPI_SUCCESS && done < bytes; done += part_bytes) {
        const size_t left = bytes - done;
        error = MPI_Bcast(data + done, (int)(left < part_bytes ? left : part_bytes), MPI_BYTE,
                          (int)root, active);
    }
    return explain(error);
}

static const char *gather(char *data, const size_t *bytes, const size_t *first)
{
    const size_t end = size > 0 ? first[size - 1] + bytes[size - 1] : 0;
    const char *why = NULL;

    if (end > INT_MAX) {
        for (int r = 0; why == NULL && r < size; r++)
            why = broadcast(data + first[r], bytes[r], (size_t)r);
        return why;
    }
    for (int r = 0; r < size; r++) {
        counts[r] = (int)bytes[r];
        offsets[r] = (int)first[r];
    }
    return explain(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts, offsets,
                                  MPI_BYTE, active));
}

static const char *all_to_all(const char *out, const size_t *out_bytes, const size_t *out_first,
                              char *in, const size_t *in_bytes, const size_t *in_first)
{
    for (int r = 0; r < size; r++) {
        sent[r] = r == rank ? 0 : (int)out_bytes[r];
        sent_offsets[r] = (int)out_first[r];
        counts[r] = r == rank ? 0 : (int)in_bytes[r];
        offsets[r] = (int)in_first[r];
    }
    return explain(
        MPI_Alltoallv(out, sent, sent_offsets, MPI_BYTE, in, counts, offsets, MPI_BYTE, active));
}

static const char *sum(float *data, size_t count)
{
    const size_t part = part_bytes / sizeof *data;
    int error = MPI_SUCCESS;

    for (size_t done = 0; error == MPI_SUCCESS && done < count; done += part) {
        const size_t left = count - done;
        error = MPI_Allreduce(MPI_IN_PLACE, data + done, (int)(left < part ? left : part),
                              MPI_FLOAT, MPI_SUM, active);
    }
    return explain(error);
}

static const char *narrow(size_t count)
{
    const int takes_part = (size_t)rank < count;
    int error = MPI_SUCCESS;

    if (active != MPI_COMM_WORLD && active != MPI_COMM_NULL)
        error = MPI_Comm_free(&active);
    active = MPI_COMM_WORLD;
    size = started;
    if (error != MPI_SUCCESS || count >= (size_t)started)
        return explain(error);
    error = MPI_Comm_split(MPI_COMM_WORLD, takes_part ? 0 : MPI_UNDEFINED, rank, &active);
    if (error == MPI_SUCCESS && takes_part)
        error = MPI_Comm_set_errhandler(active, MPI_ERRORS_RETURN);
    size = (int)count;
    return explain(error);
}

/* MPI waits by polling, which would take a core from ranks that compute; this sleeps between
 * polls. */
static const char *meet(double seconds, int *all_came)
{
    const struct timespec nap = { .tv_nsec = 200000 };
    MPI_Request request;
    int error = MPI_Ibarrier(meetings, &request);

    *all_came = 0;
    const double start = MPI_Wtime();
    while (error == MPI_SUCCESS) {
        error = MPI_Test(&request, all_came, MPI_STATUS_IGNORE);
        if (error != MPI_SUCCESS || *all_came || MPI_Wtime() - start > seconds)
            break;
        nanosleep(&nap, NULL);
    }
    return explain(error);
}

static const char *ping(char *data, size_t bytes, size_t other)
{
    enum { THERE = 1, BACK = 2 };
    const int count = (int)(bytes < part_bytes ? bytes : part_bytes);
    int error;

    if (rank == 0) {
        error = MPI_Send(data, count, MPI_BYTE, (int)other, THERE, active);
        if (error == MPI_SUCCESS)
            error = MPI_Recv(data, count, MPI_BYTE, (int)other, BACK, active, MPI_STATUS_IGNORE);
    } else {
        error = MPI_Recv(data, count, MPI_BYTE, 0, THERE, active, MPI_STATUS_IGNORE);
        if (error == MPI_SUCCESS)
            error = MPI_Send(data, count, MPI_BYTE, 0, BACK, active);
    }
    return explain(error);
}

static void end_all(int exit_status)
{
    MPI_Abort(MPI_COMM_WORLD, exit_status);
}

extern const cvy_comm_module cvy_comm_module_table;

__attribute__((visibility("default"))) const cvy_comm_module cvy_comm_module_table = {
    .version = CVY_COMM_MODULE_VERSION,
    .open = join,
    .close = leave,
    .describe = describe,
    .gather = gather,
    .all_to_all = all_to_all,
    .broadcast = broadcast,
    .sum = sum,
    .narrow = narrow,
    .meet = meet,
    .ping = ping,
    .end_all = end_all,
};
