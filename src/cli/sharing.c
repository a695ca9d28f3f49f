#include "cli/sharing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

cvy_status cvy_share_model(cvy_comm *comm, bool is_missing, cvy_model **model)
{
    const bool is_first = cvy_comm_rank(comm) == 0;
    void *saved = NULL, *received = NULL;
    size_t size = 0;
    cvy_status status = is_first ? cvy_model_save_memory(*model, &saved, &size) : CVY_OK;

    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(comm, &size, sizeof size, 0);
    if (status != CVY_OK)
        return status;
    if (!is_first) /* ranks that need nothing take part too */
        status = cvy_memory_create(size, 1, &received);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(comm, is_first ? saved : received, size, 0);
    if (status == CVY_OK && is_missing)
        status = cvy_model_load_memory("rank 0's model", received, size, model);
    cvy_free(saved);
    cvy_memory_free(received);
    return cvy_comm_agree(comm, status);
}

/* A temporary folder of rank 0 that contains the data set as a file. */
typedef struct {
    char folder[512], file[600];
} packed_copy;

static cvy_status write_packed(const cvy_dataset *data, size_t threads, packed_copy *copy)
{
    const char *set = getenv("TMPDIR");

    snprintf(copy->folder, sizeof copy->folder, "%.480s/convoy-XXXXXX",
             set != NULL && set[0] != '\0' ? set : "/var/tmp");
    if (mkdtemp(copy->folder) == NULL) {
        const cvy_status status =
            cvy_fail(CVY_ERR_OPEN, "%s: cannot be created (%s); TMPDIR names another place",
                     copy->folder, strerror(errno));
        copy->folder[0] = '\0';
        return status;
    }
    snprintf(copy->file, sizeof copy->file, "%s/data", copy->folder);
    return cvy_dataset_write(data, "packed", copy->file, false, threads);
}

static void remove_packed(const packed_copy *copy)
{
    if (copy->folder[0] == '\0')
        return;
    unlink(copy->file);
    rmdir(copy->folder);
}

cvy_status cvy_share_data(cvy_comm *comm, bool is_missing, size_t threads, cvy_dataset **data)
{
    packed_copy original = { .folder = "" };
    char copy[CVY_SHARED_PATH_BYTES] = "";
    cvy_status status = CVY_OK;

    if (cvy_comm_rank(comm) == 0)
        status = write_packed(*data, threads, &original);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_share_file(comm, original.file, is_missing, copy);
    remove_packed(&original);
    if (status == CVY_OK && copy[0] != '\0') {
        status = cvy_dataset_open(copy, threads, data);
        unlink(copy); /* the data set keeps it mapped */
    }
    return cvy_comm_agree(comm, status);
}
