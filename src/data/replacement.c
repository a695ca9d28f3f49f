#include "data/replacement.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = CVY_REPLACEMENT_PATH_BYTES, EXCHANGE = 2 /* Linux's RENAME_EXCHANGE */ };
enum { DIGITS = 12, TRIES = 100 };

/* Remove a file, or a folder with its content. */
static void remove_all(const char *path)
{
    DIR *listing = NULL;
    struct stat about;

    if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode))
        listing = opendir(path);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        char inner[PATH_BYTES];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            (size_t)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < sizeof inner)
            remove_all(inner);
    }
    if (listing != NULL) {
        closedir(listing);
        rmdir(path);
    } else {
        unlink(path);
    }
}

static void sync_folder(const char *path)
{
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
}

/* ---- a unique name ---- */

/* Length of the folder part of `target`, including the slash. */
static int folder_bytes(const char *target)
{
    const char *slash = strrchr(target, '/');
    return slash != NULL ? (int)(slash + 1 - target) : 0;
}

/* Choose a name such as FOLDER/.NAME.0123456789ab, which no other process is likely to use. */
static cvy_status choose_name(const char *target, char path[PATH_BYTES])
{
    static _Atomic unsigned counter;
    const int folder = folder_bytes(target);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t mixed = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid() << 20 ^
                           (uint64_t)counter++;
    if ((size_t)snprintf(path, PATH_BYTES, "%.*s.%.200s.%0*llx", folder, target, target + folder,
                         DIGITS, (unsigned long long)(mixed & 0xFFFFFFFFFFFFu)) >= PATH_BYTES)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", target);
    return CVY_OK;
}

/* Unlike mkdtemp() and mkstemp(), this uses the permissions given by the user's umask. Returns -1
 * and sets errno on failure. */
static int make(const char *path, bool is_folder)
{
    if (!is_folder)
        return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (mkdir(path, 0777) != 0)
        return -1;
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int error = errno;
    if (folder < 0)
        rmdir(path);
    errno = error;
    return folder;
}

/* Between creation and lock another process may remove the file as stale. */
static bool is_ours(int lock, const char *path)
{
    struct stat held, named;

    if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return fstat(lock, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino;
}

static cvy_status make_locked(cvy_replacement *made, const char *target)
{
    cvy_status status = CVY_OK;

    for (int tries = 0; status == CVY_OK && tries < TRIES; tries++) {
        status = choose_name(target, made->path);
        if (status != CVY_OK)
            break;
        made->lock = make(made->path, made->is_folder);
        if (made->lock < 0 && errno == EEXIST)
            continue;
        if (made->lock < 0)
            return cvy_fail(CVY_ERR_OPEN, "%s: %s", target, strerror(errno));
        if (is_ours(made->lock, made->path))
            return CVY_OK;
        close(made->lock);
    }
    return status != CVY_OK
               ? status
               : cvy_fail(CVY_ERR_OPEN, "%s: another process removes files there", target);
}

/* ---- leftovers of killed processes ---- */

static bool is_name_for(const char *name, const char *target)
{
    char start[PATH_BYTES];
    const size_t length = strlen(name);
    const int bytes = snprintf(start, sizeof start, ".%.200s.", target + folder_bytes(target));

    return length == (size_t)bytes + DIGITS && strncmp(name, start, (size_t)bytes) == 0 &&
           strspn(name + bytes, "0123456789abcdef") == DIGITS;
}

static void remove_if_stale(const char *path)
{
    const int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (file < 0)
        return;
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        remove_all(path);
    close(file);
}

static void clear_stale(const char *target)
{
    char parent[PATH_BYTES], path[PATH_BYTES];

    if ((size_t)snprintf(parent, sizeof parent, "%.*s.", folder_bytes(target), target) >=
        sizeof parent)
        return;
    DIR *listing = opendir(parent);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;)
        if (is_name_for(entry->d_name, target) &&
            (size_t)snprintf(path, sizeof path, "%.*s%s", folder_bytes(target), target,
                             entry->d_name) < sizeof path)
            remove_if_stale(path);
    if (listing != NULL)
        closedir(listing);
}

/* ---- begin, appear, end ---- */

cvy_status cvy_replacement_begin(const char *target, bool is_folder, cvy_replacement *made)
{
    *made = (cvy_replacement){ .is_folder = is_folder, .lock = -1 };
    clear_stale(target);
    return make_locked(made, target);
}

/* Put the new data set in place of the old one. Linux exchanges two names atomically; elsewhere the
 * old one is moved away first, so for a moment neither exists. */
cvy_status cvy_replacement_appear(cvy_replacement *made, const char *target)
{
    char parent[PATH_BYTES];

    if (made->is_folder)
        sync_folder(made->path);
    if (rename(made->path, target) != 0) { /* a non-empty folder, or an error */
        if (!made->is_folder || (errno != ENOTEMPTY && errno != EEXIST))
            return cvy_fail(CVY_ERR_WRITE, "%s: %s", target, strerror(errno));
        if (syscall(SYS_renameat2, AT_FDCWD, made->path, AT_FDCWD, target, EXCHANGE) != 0)
            return cvy_fail(CVY_ERR_WRITE,
                            "%s: cannot be exchanged in one step (%s)\nremove it first", target,
                            strerror(errno));
        remove_all(made->path);
    }
    made->path[0] = '\0';
    snprintf(parent, sizeof parent, "%s", target);
    char *slash = strrchr(parent, '/');
    if (slash != NULL)
        slash[slash == parent] = '\0';
    sync_folder(slash != NULL ? parent : ".");
    return CVY_OK;
}

void cvy_replacement_end(cvy_replacement *made)
{
    if (made->path[0] != '\0')
        remove_all(made->path);
    close(made->lock);
}
