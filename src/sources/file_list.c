#include "sources/file_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/picture_kinds.h"

enum { DEPTH_MAX = 6, ROOM_FIRST = 64 };

cvy_status cvy_path_join(const char *folder, const char *name, char **path)
{
    const size_t length = strlen(folder), bytes = length + strlen(name) + 2;
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    cvy_status status = cvy_memory_create(bytes, 1, path);

    if (status == CVY_OK)
        snprintf(*path, bytes, "%s%s%s", folder, slash, name);
    return status;
}

/* Make room for one more element by doubling the size. */
static cvy_status grow(void *array, size_t *room, size_t count, size_t size)
{
    void **memory = array, *larger;

    if (count < *room)
        return CVY_OK;
    const size_t more = *room > 0 ? 2 * *room : ROOM_FIRST;
    cvy_status status = cvy_memory_create(more, size, &larger);
    if (status != CVY_OK)
        return status;
    if (count > 0)
        memcpy(larger, *memory, count * size);
    cvy_memory_free(*memory);
    *memory = larger;
    *room = more;
    return CVY_OK;
}

/* ---- classes ---- */

/* Whether a link points to the folder itself or an ancestor; following it would never end. */
static bool leads_back(const char *folder, const char *path)
{
    char *here = realpath(folder, NULL), *there = realpath(path, NULL);
    const size_t length = there != NULL ? strlen(there) : 0;
    const bool is_above = here != NULL && there != NULL && strncmp(here, there, length) == 0 &&
                          (here[length] == '\0' || here[length] == '/' || length == 1);

    free(here);
    free(there);
    return is_above;
}

static bool is_class_folder(const char *folder, const struct dirent *entry, const char *path)
{
    struct stat about;

    /* __MACOSX: added to ZIP archives by macOS */
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, "__MACOSX") == 0 ||
        entry->d_type == DT_REG || stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return false;
    return entry->d_type == DT_DIR || !leads_back(folder, path);
}

cvy_status cvy_class_list_add(cvy_class_list *classes, const char *name)
{
    for (size_t i = 0; i < classes->count; i++)
        if (strcmp(classes->names[i], name) == 0)
            return CVY_OK;
    cvy_status status = grow(&classes->names, &classes->room, classes->count, sizeof(char *));
    if (status == CVY_OK)
        status = cvy_text_copy(name, &classes->names[classes->count]);
    classes->count += status == CVY_OK;
    return status;
}

static bool is_number(const char *name)
{
    return name[0] != '\0' && strlen(name) <= 9 && name[strspn(name, "0123456789")] == '\0';
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_numbers(const void *a, const void *b)
{
    const long first = atol(*(char *const *)a), second = atol(*(char *const *)b);
    return first != second ? (first > second) - (first < second) : compare_texts(a, b);
}

void cvy_class_list_sort(cvy_class_list *classes)
{
    bool are_numbers = true;

    for (size_t i = 0; i < classes->count; i++)
        are_numbers &= is_number(classes->names[i]);
    if (classes->count > 1)
        qsort(classes->names, classes->count, sizeof *classes->names,
              are_numbers ? compare_numbers : compare_texts);
}

cvy_status cvy_class_list_read(const char *folder, cvy_class_list *classes)
{
    DIR *listing = opendir(folder);
    cvy_status status = CVY_OK;

    if (listing == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", folder, strerror(errno));
    for (struct dirent *entry; status == CVY_OK && (entry = readdir(listing)) != NULL;) {
        char *path;
        status = cvy_path_join(folder, entry->d_name, &path);
        if (status == CVY_OK && is_class_folder(folder, entry, path))
            status = cvy_class_list_add(classes, entry->d_name);
        cvy_memory_free(path);
    }
    closedir(listing);
    cvy_class_list_sort(classes);
    return status;
}

void cvy_class_list_release(cvy_class_list *classes)
{
    for (size_t i = 0; i < classes->count; i++)
        cvy_memory_free(classes->names[i]);
    cvy_memory_free(classes->names);
    *classes = (cvy_class_list){ 0 };
}

/* ---- files ---- */

/* Formats that cannot be read are included, to be reported and counted. "._NAME" of macOS is no
 * picture. */
static bool is_called_like_a_picture(const char *name)
{
    const int other = cvy_ending_other(name);

    return name[0] != '.' &&
           (cvy_ending_is_picture(name) || (other >= 0 && other < CVY_OTHER_PHOTOS));
}

/* A file of another name counts if its first bytes are those of a picture. */
static bool has_content_of_a_picture(const char *folder, const struct dirent *entry)
{
    char *path;

    if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
        cvy_ending_other(entry->d_name) >= 0 ||
        cvy_path_join(folder, entry->d_name, &path) != CVY_OK)
        return false;
    const bool is_picture = cvy_file_is_picture(path);
    cvy_memory_free(path);
    return is_picture;
}

enum { PATHS_BYTES = 1 << 16 };

/* Paths, each with its terminating zero. */
struct cvy_path_block {
    struct cvy_path_block *before;
    size_t used;
    char text[PATHS_BYTES];
};

/* Store folder/name in the list's last block, or in a new one. */
static cvy_status store_path(const char *folder, const char *name, cvy_file_list *list,
                             const char **path)
{
    const size_t bytes = strlen(folder) + strlen(name) + 2;
    struct cvy_path_block *block = list->paths;

    if (bytes > PATHS_BYTES)
        return cvy_fail(CVY_ERR_OPEN, "%.200s...: the path is too long", folder);
    if (block == NULL || bytes > PATHS_BYTES - block->used) {
        cvy_status status = cvy_memory_create(1, sizeof *block, &block);
        if (status != CVY_OK)
            return status;
        block->before = list->paths;
        list->paths = block;
    }
    char *to = block->text + block->used;
    snprintf(to, bytes, "%s/%s", folder, name);
    block->used += strlen(to) + 1;
    *path = to;
    return CVY_OK;
}

static cvy_status add_file(const char *folder, const char *name, size_t class_index,
                           cvy_file_list *list)
{
    cvy_status status = grow(&list->files, &list->room, list->count, sizeof *list->files);

    if (status != CVY_OK)
        return status;
    cvy_listed_file *file = &list->files[list->count];
    status = store_path(folder, name, list, &file->path);
    if (status != CVY_OK)
        return status;
    file->name = file->path + strlen(file->path) - strlen(name);
    file->class_index = class_index;
    list->count++;
    return CVY_OK;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* List the pictures in a folder and its subfolders, at most `limit` in all. */
static cvy_status list_files(const char *folder, size_t class_index, int depth, size_t limit,
                             cvy_file_list *list)
{
    DIR *listing = opendir(folder);
    cvy_status status = CVY_OK;

    if (listing == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", folder, strerror(errno));
    for (struct dirent *entry;
         status == CVY_OK && list->count < limit && (entry = readdir(listing)) != NULL;) {
        if (is_called_like_a_picture(entry->d_name) || has_content_of_a_picture(folder, entry)) {
            status = add_file(folder, entry->d_name, class_index, list);
            continue;
        }
        if (entry->d_name[0] == '.' || depth == 0 ||
            (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        char *path;
        status = cvy_path_join(folder, entry->d_name, &path);
        if (status == CVY_OK && is_folder(path))
            status = list_files(path, class_index, depth - 1, limit, list);
        cvy_memory_free(path);
    }
    closedir(listing);
    return status;
}

static int compare_files(const void *a, const void *b)
{
    const cvy_listed_file *first = a, *second = b;
    const int by_name = strcmp(first->name, second->name);

    if (by_name != 0)
        return by_name;
    if (first->class_index != second->class_index)
        return first->class_index < second->class_index ? -1 : 1;
    return strcmp(first->path, second->path);
}

cvy_status cvy_file_list_read(const char *folder, const cvy_class_list *classes,
                              cvy_file_list *list)
{
    cvy_status status = CVY_OK;

    for (size_t c = 0; status == CVY_OK && c < classes->count; c++) {
        char *path;
        status = cvy_path_join(folder, classes->names[c], &path);
        if (status == CVY_OK) {
            struct stat about; /* a class may be missing in a part */
            if (stat(path, &about) == 0)
                status = list_files(path, c, DEPTH_MAX, SIZE_MAX, list);
        }
        cvy_memory_free(path);
    }
    if (list->count > 1)
        qsort(list->files, list->count, sizeof *list->files, compare_files);
    return status;
}

cvy_status cvy_file_list_read_loose(const char *folder, cvy_file_list *list)
{
    cvy_status status = list_files(folder, 0, 0, SIZE_MAX, list);

    if (list->count > 1)
        qsort(list->files, list->count, sizeof *list->files, compare_files);
    return status;
}

void cvy_file_list_release(cvy_file_list *list)
{
    while (list->paths != NULL) {
        struct cvy_path_block *before = list->paths->before;
        cvy_memory_free(list->paths);
        list->paths = before;
    }
    cvy_memory_free(list->files);
    *list = (cvy_file_list){ 0 };
}

bool cvy_file_list_has_pictures(const char *folder)
{
    cvy_class_list classes = { 0 };
    cvy_file_list list = { 0 };

    if (cvy_class_list_read(folder, &classes) == CVY_OK)
        for (size_t c = 0; c < classes.count && list.count == 0; c++) {
            char *path;
            if (cvy_path_join(folder, classes.names[c], &path) == CVY_OK)
                list_files(path, 0, DEPTH_MAX, 1, &list);
            cvy_memory_free(path);
        }
    const bool found = list.count > 0;
    cvy_file_list_release(&list);
    cvy_class_list_release(&classes);
    return found;
}
