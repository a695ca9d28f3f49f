#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

cvy_status cvy_folder_make_new(const char *path, bool *is_new)
{
    *is_new = mkdir(path, 0777) == 0;
    const int error = errno;
    if (!*is_new && cvy_file_is_dangling(path))
        return cvy_fail(CVY_ERR_OPEN,
                        "%s: a link to a place that does not exist, expected a folder", path);
    if (*is_new || error == EEXIST)
        return CVY_OK;
    return cvy_fail(CVY_ERR_OPEN, "%s: cannot make the folder: %s", path, strerror(error));
}

cvy_status cvy_folder_make(const char *path)
{
    bool is_new;
    return cvy_folder_make_new(path, &is_new);
}

static cvy_status make_all(char *path)
{
    for (char *slash = path; slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        const cvy_status status = cvy_folder_make(path);
        if (status != CVY_OK)
            return status;
        if (slash != NULL)
            *slash = '/';
    }
    return CVY_OK;
}

cvy_status cvy_folder_make_all(const char *path)
{
    char *copy;

    if (path[0] == '\0')
        return cvy_fail(CVY_ERR_OPEN, "folder: found \"\", expected a path");
    cvy_status status = cvy_text_copy(path, &copy);
    if (status == CVY_OK) {
        status = make_all(copy);
        cvy_memory_free(copy);
    }
    return status;
}

cvy_status cvy_folder_lock(const char *path, const char *work, int *lock)
{
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return CVY_OK;
    close(*lock);
    *lock = -1;
    return cvy_fail(CVY_ERR_OPEN,
                    "%s: another run is %s there, expected a folder for this run alone", path,
                    work);
}

void cvy_folder_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
