#include "base/stale.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folders cleared most recently. A report alternates between a few. */
enum { FOLDERS = 16 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    dev_t device;
    ino_t inode;
} cleared[FOLDERS];
static size_t cleared_count;

static bool was_cleared(const struct stat *about)
{
    bool is_known = false;

    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < FOLDERS && i < cleared_count; i++)
        is_known =
            is_known || (cleared[i].device == about->st_dev && cleared[i].inode == about->st_ino);
    if (!is_known) {
        cleared[cleared_count % FOLDERS].device = about->st_dev;
        cleared[cleared_count % FOLDERS].inode = about->st_ino;
        cleared_count++;
    }
    pthread_mutex_unlock(&mutex);
    return is_known;
}

static bool is_temporary_name(const char *name)
{
    const size_t length = strlen(name), start = sizeof CVY_TEMPORARY_START - 1,
                 end = sizeof CVY_TEMPORARY_END - 1;
    return length > start + end && strncmp(name, CVY_TEMPORARY_START, start) == 0 &&
           strcmp(name + length - end, CVY_TEMPORARY_END) == 0;
}

void cvy_stale_remove(int folder, const char *name)
{
    const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (file < 0)
        return;
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        unlinkat(folder, name, 0);
    close(file);
}

void cvy_stale_clear(int folder)
{
    struct stat about;

    if (fstat(folder, &about) != 0 || was_cleared(&about))
        return;
    const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again >= 0 ? fdopendir(again) : NULL;
    if (listing == NULL) {
        if (again >= 0)
            close(again);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (is_temporary_name(entry->d_name))
            cvy_stale_remove(folder, entry->d_name);
    closedir(listing);
}
