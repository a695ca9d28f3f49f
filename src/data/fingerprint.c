#include "data/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, DEPTH_MAX = 10 };

/* An ancestor folder, kept to detect links that lead back up. */
typedef struct folder {
    const struct folder *parent;
    dev_t device;
    ino_t inode;
    int depth;
} folder;

static void add_number(cvy_digest *digest, uint64_t number)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    cvy_digest_add(digest, bytes, sizeof bytes);
}

static void add_file(cvy_digest *digest, const char *name, const struct stat *about)
{
    cvy_digest_add(digest, name, strlen(name) + 1);
    add_number(digest, (uint64_t)about->st_size);
    add_number(digest, (uint64_t)about->st_mtim.tv_sec);
    add_number(digest, (uint64_t)about->st_mtim.tv_nsec);
}

static bool leads_back(const folder *here, const struct stat *about)
{
    for (; here != NULL; here = here->parent)
        if (here->device == about->st_dev && here->inode == about->st_ino)
            return true;
    return false;
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_entries(cvy_digest *digest, const char *path, const folder *here,
                        struct dirent *const *entries, int count, const char *prefix);

/* Add the files of a folder in name order, and those of its subfolders. */
static cvy_status add_folder(cvy_digest *digest, const char *path, const folder *parent,
                             const char *prefix)
{
    struct stat about;
    struct dirent **entries;

    if (stat(path, &about) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    const folder here = { parent, about.st_dev, about.st_ino,
                          parent != NULL ? parent->depth + 1 : 0 };
    const int count = scandir(path, &entries, NULL, compare);
    if (count < 0)
        return errno == ENOMEM ? cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path)
                               : cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    add_entries(digest, path, &here, entries, count, prefix);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return CVY_OK;
}

/* Entries that cannot be inspected are skipped: they are no data, or reading them will fail. */
static void add_entries(cvy_digest *digest, const char *path, const folder *here,
                        struct dirent *const *entries, int count, const char *prefix)
{
    char inner[PATH_BYTES];
    struct stat about;

    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] == '.' || strncmp(name, prefix, strlen(prefix)) != 0 ||
            (size_t)snprintf(inner, sizeof inner, "%s/%s", path, name) >= sizeof inner ||
            stat(inner, &about) != 0)
            continue;
        if (S_ISREG(about.st_mode))
            add_file(digest, name, &about);
        else if (S_ISDIR(about.st_mode) && here->depth < DEPTH_MAX && !leads_back(here, &about)) {
            cvy_digest_add(digest, name, strlen(name)); /* without the terminating zero: a folder */
            add_number(digest, (uint64_t)about.st_ino);
            if (add_folder(digest, inner, here, "") != CVY_OK)
                add_number(digest, 0);
        }
    }
}

cvy_status cvy_fingerprint_add(cvy_digest *digest, const char *where)
{
    char parent[PATH_BYTES];
    struct stat about;
    const char *slash = strrchr(where, '/');

    if (stat(where, &about) == 0 && S_ISDIR(about.st_mode))
        return add_folder(digest, where, NULL, "");
    if (stat(where, &about) == 0) {
        add_file(digest, "", &about);
        return CVY_OK;
    }
    const int length = slash == NULL ? 1 : slash == where ? 1 : (int)(slash - where);
    if ((size_t)snprintf(parent, sizeof parent, "%.*s", length, slash != NULL ? where : ".") >=
        sizeof parent)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", where);
    return add_folder(digest, parent, NULL, slash != NULL ? slash + 1 : where);
}
