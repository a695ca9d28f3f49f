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

static cvy_status fail_dangling(const char *path)
{
    return cvy_fail(CVY_ERR_OPEN, "%s: a link to a place that does not exist, expected a folder",
                    path);
}

static cvy_status fail_make(const char *path, int error)
{
    return cvy_fail(CVY_ERR_OPEN, "%s: cannot make the folder: %s", path, strerror(error));
}

cvy_status cvy_folder_make_new(const char *path, bool *is_new)
{
    *is_new = mkdir(path, 0777) == 0;
    const int error = errno;
    if (!*is_new && cvy_file_is_dangling(path))
        return fail_dangling(path);
    if (*is_new || error == EEXIST)
        return CVY_OK;
    return fail_make(path, error);
}

/* Shorten a path that does not exist to its nearest parent that does; "." if none of its names do. */
static void climb(char *path)
{
    struct stat about;

    do {
        char *slash = strrchr(path, '/');
        if (slash == NULL) {
            path[0] = '.';
            path[1] = '\0';
            return;
        }
        slash[slash == path] = '\0';
    } while (stat(path, &about) != 0 && errno == ENOENT && strcmp(path, "/") != 0);
}

static cvy_status probe_parent(const char *path)
{
    struct stat about;
    char *parent;
    cvy_status status = cvy_text_copy(path, &parent);

    if (status != CVY_OK)
        return status;
    climb(parent);
    if (access(parent, W_OK | X_OK) != 0)
        status = fail_make(path, errno);
    else if (stat(parent, &about) == 0 && !S_ISDIR(about.st_mode))
        status = fail_make(path, ENOTDIR);
    cvy_memory_free(parent);
    return status;
}

cvy_status cvy_folder_probe(const char *path)
{
    struct stat about;

    if (path[0] == '\0')
        return cvy_fail(CVY_ERR_OPEN, "folder: found \"\", expected a path");
    if (stat(path, &about) != 0) {
        if (errno != ENOENT)
            return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
        return cvy_file_is_dangling(path) ? fail_dangling(path) : probe_parent(path);
    }
    if (!S_ISDIR(about.st_mode))
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(ENOTDIR));
    if (access(path, W_OK | X_OK) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: cannot create files in this folder: %s", path,
                        strerror(errno));
    return CVY_OK;
}

int cvy_folder_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
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
