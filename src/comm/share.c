/* Sends a file of rank 0 to the ranks that cannot read it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/comm.h"

enum { PART_BYTES = 4 << 20 };

static cvy_status fail_file(cvy_status status, const char *path, const char *what)
{
    return cvy_fail(status, "%s: %s (%s)", path, what, strerror(errno));
}

/* On rank 0: open the file and get its size. */
static cvy_status open_original(const char *path, FILE **file, size_t *bytes)
{
    *file = fopen(path, "rb");
    if (*file == NULL)
        return fail_file(CVY_ERR_OPEN, path, "cannot be opened for the other ranks");
    const long end = fseek(*file, 0, SEEK_END) == 0 ? ftell(*file) : -1;
    if (end < 0 || fseek(*file, 0, SEEK_SET) != 0)
        return fail_file(CVY_ERR_READ, path, "cannot be read for the other ranks");
    *bytes = (size_t)end;
    return CVY_OK;
}

/* On the others: create a file in $TMPDIR, else /var/tmp. */
static cvy_status open_copy(FILE **file, char copy[CVY_SHARED_PATH_BYTES])
{
    const char *set = getenv("TMPDIR");

    snprintf(copy, CVY_SHARED_PATH_BYTES, "%.900s/convoy-XXXXXX",
             set != NULL && set[0] != '\0' ? set : "/var/tmp");
    const int number = mkstemp(copy);
    if (number < 0)
        return fail_file(CVY_ERR_OPEN, copy, "cannot be created; TMPDIR names another place");
    *file = fdopen(number, "wb");
    if (*file != NULL)
        return CVY_OK;
    close(number);
    return fail_file(CVY_ERR_OPEN, copy, "cannot be opened");
}

/* A rank that fails still takes part to the end, or the others would wait. */
static cvy_status send_parts(cvy_comm *comm, FILE *file, char *part, size_t bytes)
{
    const bool is_first = cvy_comm_rank(comm) == 0;
    cvy_status status = CVY_OK;

    for (size_t done = 0; done < bytes; done += PART_BYTES) {
        const size_t left = bytes - done, count = left < PART_BYTES ? left : PART_BYTES;
        if (is_first && status == CVY_OK && fread(part, 1, count, file) != count)
            status = cvy_fail(CVY_ERR_READ, "a file for the other ranks: cut short");
        const cvy_status sent = cvy_comm_broadcast(comm, part, count, 0);
        if (sent != CVY_OK)
            return sent;
        if (!is_first && status == CVY_OK && file != NULL && fwrite(part, 1, count, file) != count)
            status =
                cvy_fail(CVY_ERR_WRITE, "a copy of rank 0's file: %s; TMPDIR names another place",
                         strerror(errno));
    }
    return status;
}

cvy_status cvy_comm_share_file(cvy_comm *comm, const char *path, bool is_wanted,
                               char copy[CVY_SHARED_PATH_BYTES])
{
    CVY_REQUIRE(copy);
    const bool is_first = cvy_comm_rank(comm) == 0;
    if (is_first)
        CVY_REQUIRE(path);
    FILE *file = NULL;
    char *part = NULL;
    size_t bytes = 0;
    cvy_status status = cvy_memory_create(PART_BYTES, 1, &part);

    copy[0] = '\0';
    if (status == CVY_OK && is_first)
        status = open_original(path, &file, &bytes);
    else if (status == CVY_OK && is_wanted)
        status = open_copy(&file, copy);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(comm, &bytes, sizeof bytes, 0);
    if (status == CVY_OK)
        status = send_parts(comm, file, part, bytes);
    if (file != NULL && fclose(file) != 0 && status == CVY_OK)
        status = cvy_fail(CVY_ERR_WRITE, "a copy of rank 0's file: %s", strerror(errno));
    status = cvy_comm_agree(comm, status);
    if (status != CVY_OK && copy[0] != '\0') {
        unlink(copy);
        copy[0] = '\0';
    }
    cvy_memory_free(part);
    return status;
}
