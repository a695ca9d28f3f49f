#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stale.h"
#include "base/temporary.h"

enum { LINKS_MAX = 40, TEMPORARY_NAME_BYTES = 32, NAME_TRIES = 100 };

struct cvy_output {
    int file, folder;   /* folder: to create and remove names in, and to fsync the rename */
    char *path;         /* as the caller wrote it, for messages */
    char *target;       /* `path` with symbolic links resolved */
    bool has_temporary; /* a temporary file of that name exists; else `path` is written directly */
    char temporary[TEMPORARY_NAME_BYTES];
    int entry; /* of cvy_temporary_remember() */
};

static atomic_bool has_saved;

bool cvy_output_has_saved(void)
{
    return atomic_load(&has_saved);
}

static void release(cvy_output *output)
{
    if (output->file >= 0)
        close(output->file);
    if (output->folder >= 0)
        close(output->folder);
    cvy_memory_free(output->path);
    cvy_memory_free(output->target);
    cvy_memory_free(output);
}

void cvy_output_discard(cvy_output *output)
{
    if (output == NULL)
        return;
    if (output->has_temporary)
        unlinkat(output->folder, output->temporary, 0);
    cvy_temporary_forget(output->entry);
    release(output);
}

/* Where the file name starts inside its path. */
static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The folder of `path` (up to the last slash), followed by `name`. */
static cvy_status join(const char *path, const char *name, char **joined)
{
    const size_t folder_bytes = (size_t)(last_name(path) - path), name_bytes = strlen(name);
    cvy_status status = cvy_memory_create(folder_bytes + name_bytes + 1, 1, joined);

    if (status == CVY_OK) {
        memcpy(*joined, path, folder_bytes);
        memcpy(*joined + folder_bytes, name, name_bytes);
    }
    return status;
}

/* Follow one symbolic link: *target becomes what it points to. */
static cvy_status follow_link(char **target)
{
    char pointed[PATH_MAX], *next;
    const ssize_t length = readlink(*target, pointed, sizeof pointed - 1);

    if (length < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", *target, strerror(errno));
    pointed[length] = '\0';
    cvy_status status =
        pointed[0] == '/' ? cvy_text_copy(pointed, &next) : join(*target, pointed, &next);
    if (status == CVY_OK) {
        cvy_memory_free(*target);
        *target = next;
    }
    return status;
}

/* The last link may point to a name that does not exist yet, but not to one that cannot be
 * created. */
static cvy_status resolve_links(cvy_output *output)
{
    struct stat about;
    cvy_status status = cvy_text_copy(output->path, &output->target);

    for (int links = 0; status == CVY_OK; links++) {
        if (lstat(output->target, &about) != 0)
            return errno != ENAMETOOLONG
                       ? CVY_OK
                       : cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
        if (!S_ISLNK(about.st_mode))
            return CVY_OK;
        status = links < LINKS_MAX
                     ? follow_link(&output->target)
                     : cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(ELOOP));
    }
    return status;
}

/* The folder of `path`: ".", "/" or everything before the last slash. */
static cvy_status copy_folder(const char *path, char **folder)
{
    const size_t length = (size_t)(last_name(path) - path);
    cvy_status status = length == 0 ? cvy_text_copy(".", folder) : join(path, "", folder);

    if (status == CVY_OK && length > 1)
        (*folder)[length - 1] = '\0';
    return status;
}

static cvy_status open_folder(const char *path, const char *name, int *folder)
{
    *folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder >= 0)
        return CVY_OK;
    const bool is_url = errno == ENOENT && strstr(path, "://") != NULL;
    cvy_fail(CVY_ERR_OPEN, "%s: folder %s: %s", path, name, strerror(errno));
    return cvy_fail_advise(CVY_ERR_OPEN, is_url ? "convoy writes local files: copy it there "
                                                  "afterwards."
                                                : NULL);
}

/* Choose a name that no other process is likely to choose at this moment; O_EXCL decides. */
static void choose_name(char name[TEMPORARY_NAME_BYTES])
{
    static _Atomic unsigned counter;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t mixed = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid() << 20 ^
                           (uint64_t)counter++;
    snprintf(name, TEMPORARY_NAME_BYTES, CVY_TEMPORARY_START "%012llx" CVY_TEMPORARY_END,
             (unsigned long long)(mixed & 0xFFFFFFFFFFFFu));
}

/* It does not matter if a file system has no locks: then stale files stay. */
static bool lock(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* A process that clears stale files may lock and remove ours before we have locked it; then our
 * lock fails or the file has lost its name, and another name is tried. */
static bool create_temporary(cvy_output *output)
{
    struct stat about;

    cvy_stale_clear(output->folder);
    for (int tries = 0; tries < NAME_TRIES; tries++) {
        choose_name(output->temporary);
        output->entry = cvy_temporary_remember(output->folder, output->temporary);
        output->file = openat(output->folder, output->temporary,
                              O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (output->file >= 0 && lock(output->file) && fstat(output->file, &about) == 0 &&
            about.st_nlink > 0)
            return output->has_temporary = true;
        const int error = errno;
        cvy_temporary_forget(output->entry);
        output->entry = -1;
        if (output->file >= 0) {
            close(output->file);
        } else if (error != EEXIST) {
            errno = error;
            return false;
        }
    }
    output->file = -1;
    return false;
}

/* New files get 0666 minus the umask; replaced files keep their permissions. */
static cvy_status take_over_permissions(const cvy_output *output)
{
    struct stat about;

    if (stat(output->target, &about) != 0)
        return CVY_OK;
    if (geteuid() == 0 && fchown(output->file, about.st_uid, about.st_gid) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
    if (fchmod(output->file, about.st_mode & 07777) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
    return CVY_OK;
}

/* The folder alone would allow it, but a file is write-protected in order to be kept. */
static cvy_status check_protection(const cvy_output *output)
{
    if (access(output->target, W_OK) == 0 || errno != EACCES || access(output->target, F_OK) != 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_OPEN, "%s: this file is write-protected: %s", output->path,
                    strerror(EACCES));
}

static cvy_status open_temporary(cvy_output *output)
{
    char *folder = NULL;
    cvy_status status = resolve_links(output);

    if (status == CVY_OK)
        status = check_protection(output);
    if (status == CVY_OK)
        status = copy_folder(output->target, &folder);
    if (status == CVY_OK)
        status = open_folder(output->path, folder, &output->folder);
    if (status == CVY_OK && !create_temporary(output))
        status = cvy_fail(CVY_ERR_OPEN, "%s: cannot create a file in folder %s: %s", output->path,
                          folder, strerror(errno));
    cvy_memory_free(folder);
    return status == CVY_OK ? take_over_permissions(output) : status;
}

static cvy_status open_straight(cvy_output *output)
{
    output->file = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->file >= 0 ? CVY_OK
                             : cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
}

/* The descriptor that a path such as /dev/stdout or /dev/fd/3 names; -1: none. */
static int named_descriptor(const char *path)
{
    static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
    char *end;

    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) != 0)
            continue;
        const long number = strtol(path + length, &end, 10);
        return end > path + length && *end == '\0' && number <= INT_MAX ? (int)number : -1;
    }
    return -1;
}

/* A file that others write too, as in `{ echo; convoy ...; } > file`, is not replaced. */
static cvy_status open_descriptor(cvy_output *output, int descriptor)
{
    output->file = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return output->file >= 0 ? CVY_OK
                             : cvy_fail(CVY_ERR_OPEN, "%s: %s", output->path, strerror(errno));
}

static cvy_status open_any(cvy_output *output)
{
    const char *path = output->path;
    struct stat about;
    const bool exists = stat(path, &about) == 0;

    if (named_descriptor(path) >= 0)
        return open_descriptor(output, named_descriptor(path));

    if (last_name(path)[0] == '\0' || (exists && S_ISDIR(about.st_mode)))
        return cvy_fail(CVY_ERR_OPEN, "%s: a folder, expected the name of a file", path);
    return exists && !S_ISREG(about.st_mode) ? open_straight(output) : open_temporary(output);
}

cvy_status cvy_output_open(const char *path, cvy_output **output)
{
    cvy_status status = cvy_memory_create(1, sizeof **output, output);

    if (status != CVY_OK)
        return status;
    (*output)->file = (*output)->folder = (*output)->entry = -1;
    status = cvy_text_copy(path, &(*output)->path);
    if (status == CVY_OK)
        status = open_any(*output);
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

/* Some file systems report a full disk or quota only when a file is closed. */
static bool close_file(cvy_output *output)
{
    const int file = output->file;
    output->file = -1;
    return close(file) == 0 || errno == EINTR;
}

/* The folder stores the name: unless it is flushed too, a power failure can undo the rename.
 * Some file systems cannot fsync a folder and return EINVAL. */
static cvy_status rename_temporary(cvy_output *output)
{
    if (renameat(output->folder, output->temporary, output->folder, last_name(output->target)) != 0)
        return fail_write(output);
    output->has_temporary = false;
    if (fsync(output->folder) != 0 && errno != EINVAL)
        return cvy_fail(CVY_ERR_UNSURE, "%s: saved, but may not survive a power failure: %s",
                        output->path, strerror(errno));
    return CVY_OK;
}

cvy_status cvy_output_commit(cvy_output *output)
{
    cvy_status status = CVY_OK;

    if (output->has_temporary && fsync(output->file) != 0)
        status = fail_write(output);
    /* the lock must last until the temporary name is gone */
    if (status == CVY_OK && output->has_temporary) {
        status = rename_temporary(output);
        if (status == CVY_OK || status == CVY_ERR_UNSURE)
            atomic_store(&has_saved, true);
    }
    if ((status == CVY_OK || status == CVY_ERR_UNSURE) && !close_file(output))
        status = fail_write(output);
    cvy_output_discard(output);
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

static cvy_status fail_open(const char *path)
{
    return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
}

static cvy_status fail_locked(const char *path)
{
    return cvy_fail(CVY_ERR_OPEN,
                    "%s: another run is writing this file, expected one for this run alone", path);
}

/* /dev/tty may be written by all, but opened only where there is a terminal; a file may be locked. */
static cvy_status probe_open(const char *path)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (file < 0)
        return fail_open(path);
    const bool is_free = lock(file);
    close(file);
    return is_free ? CVY_OK : fail_locked(path);
}

cvy_status cvy_output_probe(const char *path)
{
    struct stat about;
    cvy_output *output;

    if (stat(path, &about) == 0 && S_ISCHR(about.st_mode))
        return probe_open(path);
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return access(path, W_OK) == 0 ? CVY_OK : fail_open(path);
    cvy_status status = cvy_output_open(path, &output);
    if (status == CVY_OK)
        cvy_output_discard(output);
    return status;
}

/* --- lines --- */

cvy_status cvy_output_open_lines(const char *path, bool is_continued, FILE **file)
{
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (is_continued ? O_APPEND : 0);
    const int opened = open(path, flags, 0666);
    struct stat about;

    *file = NULL;
    if (opened < 0)
        return fail_open(path);
    const bool is_regular = fstat(opened, &about) == 0 && S_ISREG(about.st_mode);
    if (is_regular && !lock(opened)) {
        close(opened);
        return fail_locked(path);
    }
    if (!is_regular || is_continued || ftruncate(opened, 0) == 0)
        *file = fdopen(opened, is_continued ? "a" : "w");
    if (*file != NULL)
        return CVY_OK;
    const cvy_status status = fail_open(path);
    close(opened);
    return status;
}

cvy_status cvy_output_probe_lines(const char *path)
{
    struct stat about;
    cvy_output output = { .path = (char *)(uintptr_t)path };
    char *folder = NULL;

    if (stat(path, &about) == 0) {
        if (S_ISDIR(about.st_mode))
            return cvy_fail(CVY_ERR_OPEN, "%s: a folder, expected the name of a file", path);
        return S_ISREG(about.st_mode) || S_ISCHR(about.st_mode) ? probe_open(path)
               : access(path, W_OK) == 0                        ? CVY_OK
                                                                : fail_open(path);
    }
    cvy_status status = resolve_links(&output);
    if (status == CVY_OK)
        status = copy_folder(output.target, &folder);
    if (status == CVY_OK && access(folder, W_OK | X_OK) != 0)
        status = errno == ENOENT || errno == ENOTDIR
                     ? cvy_fail(CVY_ERR_OPEN, "%s: folder %s: %s", path, folder, strerror(errno))
                     : cvy_fail(CVY_ERR_OPEN, "%s: cannot create a file in folder %s: %s", path,
                                folder, strerror(errno));
    cvy_memory_free(output.target);
    cvy_memory_free(folder);
    return status;
}
