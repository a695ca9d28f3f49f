#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/place.h"

/* Read all `size` bytes, however many calls that takes. */
static bool read_fully(int file, unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = read(file, bytes, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO; /* shorter than its reported size */
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
        *bytes = NULL;
    }
    return status;
}

cvy_status cvy_file_read(const char *path, size_t limit_bytes, unsigned char **bytes, size_t *size)
{
    *bytes = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return cvy_fail_to_open(path);
    cvy_status status = read_open_file(file, path, limit_bytes, bytes, size);
    close(file);
    return status;
}

/* --- two names for one file --- */

enum { LINKS_MAX = 40 };

/* Resolve the links of `path`, whether or not the file exists yet. Returns false if the folder does
 * not exist. */
static bool resolve(const char *path, char place[PATH_MAX])
{
    char at[PATH_MAX], target[PATH_MAX], folder[PATH_MAX];

    if (realpath(path, place) != NULL)
        return true;
    snprintf(at, sizeof at, "%s", path);
    for (int links = 0; links < LINKS_MAX; links++) {
        const char *slash = strrchr(at, '/');
        const int length = slash == NULL ? 0 : slash == at ? 1 : (int)(slash - at);
        snprintf(target, sizeof target, "%.*s", length > 0 ? length : 1, length > 0 ? at : ".");
        if (realpath(target, folder) == NULL)
            return false;
        const ssize_t got = readlink(at, target, sizeof target - 1);
        if (got < 0)
            return snprintf(place, PATH_MAX, "%s/%s", folder, slash != NULL ? slash + 1 : at) <
                   PATH_MAX;
        target[got] = '\0';
        if (snprintf(at, sizeof at, "%s%s%s", target[0] == '/' ? "" : folder,
                     target[0] == '/' ? "" : "/", target) >= (int)sizeof at)
            return false;
    }
    return false;
}

bool cvy_file_is_same(const char *a, const char *b)
{
    char a_place[PATH_MAX], b_place[PATH_MAX];
    struct stat about_a, about_b;

    if (strcmp(a, b) == 0)
        return true;
    if (stat(a, &about_a) == 0 && stat(b, &about_b) == 0)
        return about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
    return resolve(a, a_place) && resolve(b, b_place) && strcmp(a_place, b_place) == 0;
}

bool cvy_file_is_inside(const char *path, const char *folder)
{
    char inner[PATH_MAX], outer[PATH_MAX];

    if (realpath(path, inner) == NULL || realpath(folder, outer) == NULL)
        return false;
    const size_t length = strcmp(outer, "/") == 0 ? 0 : strlen(outer);
    return strncmp(inner, outer, length) == 0 && inner[length] == '/' && inner[length + 1] != '\0';
}

bool cvy_file_is_dangling(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode) && stat(path, &about) != 0 &&
           errno == ENOENT;
}

void cvy_file_close_at(FILE *file, long bytes)
{
    const int descriptor = dup(fileno(file));
    struct stat about;

    fclose(file); /* this tries once more to write what is buffered */
    if (descriptor < 0)
        return;
    if (bytes >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size > bytes && ftruncate(descriptor, bytes) != 0)
        errno = 0; /* best effort */
    close(descriptor);
}
