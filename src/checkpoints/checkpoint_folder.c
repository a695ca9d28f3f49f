#include "checkpoints/checkpoint_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/memory.h"
#include "base/stale.h"

enum { STEP_DIGITS = 12, NAME_BYTES = 64 };
static const char name_start[] = "checkpoint-", name_end[] = ".safetensors";
static const char best_name[] = "best.safetensors";

static cvy_status path_in(const cvy_checkpoint_folder *folder, const char *name, char **path)
{
    const size_t length = strlen(folder->path), bytes = length + 1 + strlen(name) + 1;
    cvy_status status = cvy_memory_create(bytes, 1, path);

    if (status == CVY_OK)
        snprintf(*path, bytes, "%s%s%s", folder->path,
                 length > 0 && folder->path[length - 1] == '/' ? "" : "/", name);
    return status;
}

cvy_status cvy_checkpoint_path(const cvy_checkpoint_folder *folder, size_t step, char **path)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%s%0*zu%s", name_start, STEP_DIGITS, step, name_end);
    return path_in(folder, name, path);
}

cvy_status cvy_checkpoint_best_path(const cvy_checkpoint_folder *folder, char **path)
{
    return path_in(folder, best_name, path);
}

cvy_status cvy_checkpoint_folder_open(const char *path, cvy_checkpoint_folder *folder)
{
    *folder = (cvy_checkpoint_folder){ .lock = -1 };
    if (path[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING, "checkpoint folder: found \"\", expected a path");
    cvy_status status = cvy_text_copy(path, &folder->path);
    if (status == CVY_OK)
        status = cvy_folder_make_all(folder->path);
    if (status == CVY_OK)
        status = cvy_folder_probe(folder->path);
    if (status == CVY_OK)
        status = cvy_folder_lock(folder->path, "writing its checkpoints", &folder->lock);
    if (status == CVY_OK)
        cvy_stale_clear(folder->lock);
    return status;
}

void cvy_checkpoint_folder_close(cvy_checkpoint_folder *folder)
{
    if (folder->path != NULL)
        cvy_folder_unlock(folder->lock);
    cvy_memory_free(folder->path);
    *folder = (cvy_checkpoint_folder){ .lock = -1 };
}

/* "checkpoint-000000001234.safetensors": 1234. False for any other name. */
static bool read_name(const char *name, size_t *step)
{
    char again[NAME_BYTES];
    const size_t start = sizeof name_start - 1;

    if (strncmp(name, name_start, start) != 0 || strspn(name + start, "0123456789") < STEP_DIGITS)
        return false;
    *step = strtoull(name + start, NULL, 10);
    snprintf(again, sizeof again, "%s%0*zu%s", name_start, STEP_DIGITS, *step, name_end);
    return strcmp(name, again) == 0;
}

static int newest_first(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x < y) - (x > y);
}

/* The list doubles when it is full. */
static cvy_status add_step(size_t step, size_t **steps, size_t *count, size_t *room)
{
    size_t *larger;

    if (*count == *room) {
        *room = *room > 0 ? 2 * *room : 16;
        cvy_status status = cvy_memory_create(*room, sizeof *larger, &larger);
        if (status != CVY_OK)
            return status;
        if (*count > 0)
            memcpy(larger, *steps, *count * sizeof *larger);
        cvy_memory_free(*steps);
        *steps = larger;
    }
    (*steps)[(*count)++] = step;
    return CVY_OK;
}

cvy_status cvy_checkpoint_folder_list(const cvy_checkpoint_folder *folder, size_t **steps,
                                      size_t *count)
{
    DIR *listing = opendir(folder->path);
    size_t room = 0, step;
    cvy_status status = CVY_OK;

    *steps = NULL;
    *count = 0;
    if (listing == NULL)
        return cvy_fail(CVY_ERR_READ, "%s: %s", folder->path, strerror(errno));
    for (const struct dirent *entry; status == CVY_OK && (entry = readdir(listing)) != NULL;)
        if (read_name(entry->d_name, &step))
            status = add_step(step, steps, count, &room);
    closedir(listing);
    if (status != CVY_OK) {
        cvy_memory_free(*steps);
        *steps = NULL;
        *count = 0;
    }
    if (*count > 1)
        qsort(*steps, *count, sizeof **steps, newest_first);
    return status;
}

void cvy_checkpoint_folder_prune(const cvy_checkpoint_folder *folder, size_t step, size_t keep)
{
    size_t *steps, count, kept = 0;
    char *path;

    if (cvy_checkpoint_folder_list(folder, &steps, &count) != CVY_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        if (steps[i] > step || kept++ < keep)
            continue;
        if (cvy_checkpoint_path(folder, steps[i], &path) == CVY_OK) {
            unlink(path);
            cvy_memory_free(path);
        }
    }
    cvy_memory_free(steps);
}
