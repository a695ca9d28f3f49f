#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* All `size` bytes, however many calls it takes. */
static bool read_fully(int file, unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = read(file, bytes, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO; /* shorter than it said */
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static cvy_status read_open_file(int file, const char *path, size_t limit_bytes,
                                 unsigned char **bytes, size_t *size)
{
    struct stat about;

    if (fstat(file, &about) != 0)
        return cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return cvy_fail(CVY_ERR_READ, "%s: %s, expected a file", path,
                        S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
    if ((unsigned long long)about.st_size > limit_bytes)
        return cvy_fail(CVY_ERR_READ, "%s: %lld bytes, expected at most %zu", path,
                        (long long)about.st_size, limit_bytes);
    *size = (size_t)about.st_size;
    cvy_status status = cvy_memory_create(*size + 1, 1, bytes);
    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", path);
    if (!read_fully(file, *bytes, *size)) {
        status = cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(errno));
        cvy_memory_free(*bytes);
    }
    return status;
}

cvy_status cvy_file_read(const char *path, size_t limit_bytes, unsigned char **bytes, size_t *size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    cvy_status status = read_open_file(file, path, limit_bytes, bytes, size);
    close(file);
    return status;
}

struct cvy_output {
    int file, folder;       /* folder: to fsync the rename; -1: no rename */
    char *path, *temporary; /* temporary: NULL where bytes go to a device or pipe at once */
};

static void release(cvy_output *output)
{
    if (output->file >= 0)
        close(output->file);
    if (output->folder >= 0)
        close(output->folder);
    cvy_memory_free(output->path);
    cvy_memory_free(output->temporary);
    cvy_memory_free(output);
}

void cvy_output_discard(cvy_output *output)
{
    if (output == NULL)
        return;
    if (output->file >= 0 && output->temporary != NULL)
        unlink(output->temporary);
    release(output);
}

/* The folder that `path` lies in, as a text of its own. */
static cvy_status copy_folder(const char *path, char **folder)
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

    if (length == 0)
        return cvy_text_copy(".", folder);
    cvy_status status = cvy_memory_create(length + 1, 1, folder);
    if (status == CVY_OK)
        memcpy(*folder, path, length);
    return status;
}

/* The permission bits that the file is to have: those of the file it replaces, or what the
 * process gives to new files. */
static mode_t permissions_for(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0)
        return about.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static cvy_status open_temporary(cvy_output *output, const char *folder)
{
    static const char ending[] = ".XXXXXX";
    const size_t length = strlen(output->path);

    output->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (output->folder < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: folder %s: %s", output->path, folder, strerror(errno));
    cvy_status status = cvy_memory_create(length + sizeof ending, 1, &output->temporary);
    if (status != CVY_OK)
        return status;
    memcpy(output->temporary, output->path, length);
    memcpy(output->temporary + length, ending, sizeof ending);
    output->file = mkstemp(output->temporary);
    if (output->file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: a file cannot be made in folder %s: %s", output->path,
                        folder, strerror(errno));
    if (fchmod(output->file, permissions_for(output->path)) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
    return CVY_OK;
}

static cvy_status open_beside(cvy_output *output)
{
    char *folder = NULL;
    cvy_status status = copy_folder(output->path, &folder);

    if (status == CVY_OK)
        status = open_temporary(output, folder);
    cvy_memory_free(folder);
    return status;
}

/* Of a link, as /dev/stdout is one, the file that it leads to is replaced, and the link stays. */
static cvy_status copy_target(const char *path, char **target)
{
    struct stat about;
    char *resolved = NULL;

    if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode))
        resolved = realpath(path, NULL);
    cvy_status status = cvy_text_copy(resolved != NULL ? resolved : path, target);
    free(resolved);
    return status;
}

/* Devices and pipes, such as /dev/null, cannot be replaced by a file and must not be. */
static cvy_status open_device(cvy_output *output, const char *path)
{
    output->file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (output->file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    return CVY_OK;
}

static cvy_status open_output(cvy_output *output, const char *path)
{
    const size_t length = strlen(path);
    struct stat about;
    const bool is_there = stat(path, &about) == 0;
    cvy_status status = copy_target(path, &output->path);

    if (status != CVY_OK)
        return status;
    if (length == 0 || path[length - 1] == '/' || (is_there && S_ISDIR(about.st_mode)))
        return cvy_fail(CVY_ERR_OPEN, "%s: a folder, expected the name of a file", path);
    if (is_there && !S_ISREG(about.st_mode))
        return open_device(output, path);
    return open_beside(output);
}

cvy_status cvy_output_open(const char *path, cvy_output **output)
{
    cvy_status status = cvy_memory_create(1, sizeof **output, output);

    if (status != CVY_OK)
        return status;
    (*output)->file = (*output)->folder = -1;
    status = open_output(*output, path);
    if (status != CVY_OK) {
        cvy_output_discard(*output);
        *output = NULL;
    }
    return status;
}

static cvy_status fail_write(const cvy_output *output)
{
    return cvy_fail(CVY_ERR_WRITE, "%s: %s", output->path, strerror(errno));
}

cvy_status cvy_output_write(cvy_output *output, const void *bytes, size_t size)
{
    const char *from = bytes;

    while (size > 0) {
        ssize_t written = write(output->file, from, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_write(output);
        from += written;
        size -= (size_t)written;
    }
    return CVY_OK;
}

cvy_status cvy_output_commit(cvy_output *output)
{
    cvy_status status = CVY_OK;

    if (output->temporary == NULL) {
        release(output);
        return CVY_OK;
    }
    if (fsync(output->file) != 0 || rename(output->temporary, output->path) != 0) {
        status = fail_write(output);
        cvy_output_discard(output);
        return status;
    }
    /* The name is stored in the folder: without this a crash could lose the rename. Some file systems
     * cannot fsync a folder and return EINVAL. */
    if (fsync(output->folder) != 0 && errno != EINVAL)
        status = cvy_fail(CVY_ERR_WRITE, "%s: written, but it may not be on the disk yet: %s",
                          output->path, strerror(errno));
    release(output);
    return status;
}

cvy_status cvy_file_write(const char *path, const void *bytes, size_t size)
{
    cvy_output *output;
    cvy_status status = cvy_output_open(path, &output);

    if (status != CVY_OK)
        return status;
    status = cvy_output_write(output, bytes, size);
    if (status == CVY_OK)
        return cvy_output_commit(output);
    cvy_output_discard(output);
    return status;
}
