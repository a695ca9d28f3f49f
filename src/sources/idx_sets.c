#include "sources/idx_sets.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/memory.h"

enum { DEPTH_MAX = 3 };

/* The parts of a file name: "emnist-letters-" "train" "images". */
typedef struct {
    char prefix[CVY_IDX_PREFIX_BYTES];
    cvy_split split;
    bool is_images;
} file_name;

static bool cut_end(char *name, const char *end)
{
    const size_t length = strlen(name), cut = strlen(end);

    if (length < cut || strcmp(name + length - cut, end) != 0)
        return false;
    name[length - cut] = '\0';
    return true;
}

static bool cut_one_of(char *name, const char *const *ends, size_t count, size_t *which)
{
    for (*which = 0; *which < count; ++*which)
        if (cut_end(name, ends[*which]))
            return true;
    return false;
}

/* Parse "[PREFIX-]train-images-idx3-ubyte[.gz]", also with a dot before idx, and other words for
 * test. */
static bool parse_name(const char *text, file_name *name)
{
    static const char *const kinds[] = { "-idx3-ubyte", ".idx3-ubyte", "-idx1-ubyte",
                                         ".idx1-ubyte", "-idx2-int",   ".idx2-int" };
    static const char *const contents[] = { "-images", "-labels" };
    static const char *const parts[] = { "train", "t10k", "test", "validation" };
    static const cvy_split splits[] = { CVY_SPLIT_TRAIN, CVY_SPLIT_TEST, CVY_SPLIT_TEST,
                                        CVY_SPLIT_VALIDATION };
    char rest[256];
    size_t kind, content, part;

    if ((size_t)snprintf(rest, sizeof rest, "%s", text) >= sizeof rest)
        return false;
    cut_end(rest, ".gz");
    if (!cut_one_of(rest, kinds, 6, &kind) || !cut_one_of(rest, contents, 2, &content) ||
        !cut_one_of(rest, parts, 4, &part))
        return false;
    name->is_images = content == 0;
    name->split = splits[part];
    if (name->is_images != (kind < 2) || strlen(rest) >= sizeof name->prefix)
        return false;
    memcpy(name->prefix, rest, strlen(rest) + 1);
    return rest[0] == '\0' || rest[strlen(rest) - 1] == '-';
}

int cvy_idx_set_compare(const void *a, const void *b)
{
    const cvy_idx_set *first = a, *second = b;
    const int by_folder = strcmp(first->folder, second->folder);
    return by_folder != 0 ? by_folder : strcmp(first->prefix, second->prefix);
}

static void add_set(const char *folder, const char *prefix, cvy_idx_sets *sets)
{
    cvy_idx_set set;

    if ((size_t)snprintf(set.folder, sizeof set.folder, "%s", folder) >= sizeof set.folder)
        return;
    memcpy(set.prefix, prefix, sizeof set.prefix);
    for (size_t i = 0; i < sets->count; i++)
        if (cvy_idx_set_compare(&sets->sets[i], &set) == 0)
            return;
    if (sets->count < CVY_IDX_SETS_MAX)
        sets->sets[sets->count++] = set;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Find the data sets in the folder, or up to `below` levels further down if it has none. */
static void find_sets(const char *folder, int below, cvy_idx_sets *sets)
{
    char path[CVY_IDX_PATH_BYTES];
    file_name name;
    const size_t before = sets->count;
    DIR *listing = opendir(folder);

    if (listing == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (parse_name(entry->d_name, &name))
            add_set(folder, name.prefix, sets);
    rewinddir(listing);
    for (struct dirent *entry;
         sets->count == before && below > 0 && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.' &&
            (size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path &&
            (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && is_folder(path)))) {
            cvy_idx_sets deeper = { .count = 0 };
            find_sets(path, below - 1, &deeper);
            for (size_t i = 0; i < deeper.count; i++)
                add_set(deeper.sets[i].folder, deeper.sets[i].prefix, sets);
        }
    closedir(listing);
}

/* Split "emnist/letters" or "emnist/emnist-letters", for the files emnist/emnist-letters-..., into
 * the folder and the end of the prefix. */
static bool split_prefix(const char *where, char folder[CVY_IDX_PATH_BYTES],
                         char end[CVY_IDX_PREFIX_BYTES])
{
    const char *slash = strrchr(where, '/');
    const char *last = slash != NULL ? slash + 1 : where;
    struct stat about;

    if (stat(where, &about) == 0 || last[0] == '\0')
        return false;
    const size_t length = slash == NULL ? 1 : slash == where ? 1 : (size_t)(slash - where);
    if (length >= CVY_IDX_PATH_BYTES ||
        (size_t)snprintf(end, CVY_IDX_PREFIX_BYTES, "%s-", last) >= CVY_IDX_PREFIX_BYTES)
        return false;
    memcpy(folder, slash == NULL ? "." : where, length);
    folder[length] = '\0';
    return true;
}

void cvy_idx_sets_find(const char *where, cvy_idx_sets *sets)
{
    char folder[CVY_IDX_PATH_BYTES], end[CVY_IDX_PREFIX_BYTES];
    size_t kept = 0;

    if (!split_prefix(where, folder, end)) {
        find_sets(where, DEPTH_MAX, sets);
        return;
    }
    find_sets(folder, DEPTH_MAX, sets);
    for (size_t i = 0; i < sets->count; i++) {
        char prefix[CVY_IDX_PREFIX_BYTES];
        memcpy(prefix, sets->sets[i].prefix, sizeof prefix);
        if (cut_end(prefix, end) && (prefix[0] == '\0' || prefix[strlen(prefix) - 1] == '-'))
            sets->sets[kept++] = sets->sets[i];
    }
    sets->count = kept;
}

/* Make the path of a file, or of the file of the same name in a folder called so: some archives of
 * MNIST unpack to such folders. */
static cvy_status make_path(const char *folder, const char *name, char **path)
{
    const size_t bytes = strlen(folder) + 2 * strlen(name) + 3;
    cvy_status status = cvy_memory_create(bytes, 1, path);

    if (status != CVY_OK)
        return status;
    snprintf(*path, bytes, "%s/%s", folder, name);
    if (is_folder(*path))
        snprintf(*path, bytes, "%s/%s/%s", folder, name, name);
    return CVY_OK;
}

cvy_status cvy_idx_set_file(const cvy_idx_set *set, cvy_split split, bool is_images, char **path)
{
    struct dirent **entries;
    const int count = scandir(set->folder, &entries, NULL, cvy_folder_order);
    const char *found = NULL;
    file_name name;
    cvy_status status = CVY_OK;

    *path = NULL;
    if (count < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", set->folder, strerror(errno));
    for (int i = 0; i < count; i++) /* plain before packed, "-idx" before ".idx" */
        if (found == NULL && parse_name(entries[i]->d_name, &name) && name.split == split &&
            name.is_images == is_images && strcmp(name.prefix, set->prefix) == 0)
            found = entries[i]->d_name;
    if (found != NULL)
        status = make_path(set->folder, found, path);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}
