#include "data/spill.h"

#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mapped.h"

static cvy_status open_nameless(const char *folder, int *file)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/convoy-XXXXXX", folder) >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    *file = mkstemp(path);
    if (*file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", folder, strerror(errno));
    unlink(path);
    return CVY_OK;
}

cvy_status cvy_spill_create(size_t bytes, uint8_t **memory)
{
    const char *set = getenv("TMPDIR"), *folder = set != NULL && set[0] != '\0' ? set : "/var/tmp";
    int file;
    cvy_status status = open_nameless(folder, &file);

    if (status != CVY_OK)
        return status;
    const int error = posix_fallocate(file, 0, (off_t)bytes);
    if (error != 0) {
        close(file);
        return cvy_fail(CVY_ERR_WRITE,
                        "%s: no room for %zu KiB of images (%s)\nTMPDIR names another place",
                        folder, (bytes + 1023) >> 10, strerror(error));
    }
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    const int map_error = errno;
    close(file);
    if (mapped == MAP_FAILED)
        return cvy_fail(CVY_ERR_MEMORY, "%s: %s", folder, strerror(map_error));
    cvy_mapped_remember(mapped, bytes, folder);
    *memory = mapped;
    return CVY_OK;
}
