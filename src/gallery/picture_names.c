/* Collect the names of pictures. A folder that a link leads back to is entered only once. */
#include "gallery/picture_names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/picture_kinds.h"
#include "base/text_stream.h"

enum { DEPTH_MAX = 64, PATH_BYTES = 4096 };

/* The ancestors of the current folder. */
typedef struct {
    dev_t device[DEPTH_MAX];
    ino_t number[DEPTH_MAX];
    size_t depth;
    bool is_recursive;
    cvy_picture_names *to;
} walk;

static void count_skipped(cvy_picture_names *to, const char *name)
{
    const int kind = cvy_ending_other(name);

    to->skipped++;
    if (kind >= 0)
        to->skipped_of[kind]++;
}

/* Make room for one more name by doubling the size. */
static cvy_status grow(cvy_picture_names *names)
{
    const size_t room = names->room > 0 ? 2 * names->room : 64;
    char **name, **trouble;

    if (names->count < names->room)
        return CVY_OK;
    cvy_status status = cvy_memory_create(room, sizeof *name, &name);
    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(room, sizeof *trouble, &trouble);
    if (status != CVY_OK) {
        cvy_memory_free(name);
        return status;
    }
    for (size_t i = 0; i < names->count; i++) {
        name[i] = names->name[i];
        trouble[i] = names->trouble[i];
    }
    cvy_memory_free(names->name);
    cvy_memory_free(names->trouble);
    names->name = name;
    names->trouble = trouble;
    names->room = room;
    return CVY_OK;
}

static cvy_status add(cvy_picture_names *names, const char *name, const char *trouble)
{
    cvy_status status = grow(names);

    if (status == CVY_OK)
        status = cvy_text_copy(name, &names->name[names->count]);
    if (status != CVY_OK)
        return status;
    names->count++;
    return trouble != NULL ? cvy_text_copy(trouble, &names->trouble[names->count - 1]) : CVY_OK;
}

static cvy_status add_trouble(cvy_picture_names *names, const char *name, const char *why)
{
    cvy_fail(CVY_ERR_OPEN, "%.1400s: %.600s", name, why);
    return add(names, name, cvy_error_message());
}

static int select_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.'; /* also skips "._name", which macOS adds beside a file */
}

static cvy_status enter(walk *w, const char *folder, const struct stat *about);

static cvy_status take_entry(walk *w, const char *folder, const char *name)
{
    char path[PATH_BYTES];
    struct stat about;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    const int length = snprintf(path, sizeof path, "%s%s%s", folder, slash, name);

    if ((size_t)length >= sizeof path)
        return add_trouble(w->to, path, "the path is too long");
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return w->is_recursive ? enter(w, path, &about) : CVY_OK;
    if (cvy_ending_is_picture(name) || (cvy_ending_other(name) < 0 && cvy_file_is_picture(path)))
        return add(w->to, path, NULL);
    count_skipped(w->to, name);
    return CVY_OK;
}

/* Collect a folder's pictures, unless the folder is one of its own ancestors. */
static cvy_status enter(walk *w, const char *folder, const struct stat *about)
{
    struct dirent **entries;
    cvy_status status = CVY_OK;

    for (size_t i = 0; i < w->depth; i++)
        if (w->device[i] == about->st_dev && w->number[i] == about->st_ino)
            return CVY_OK;
    if (w->depth == DEPTH_MAX)
        return add_trouble(w->to, folder, "too many folders inside each other");
    const int count = scandir(folder, &entries, select_visible, cvy_folder_order);
    if (count < 0)
        return add_trouble(w->to, folder, strerror(errno));
    w->device[w->depth] = about->st_dev;
    w->number[w->depth++] = about->st_ino;
    for (int i = 0; i < count; i++) {
        if (status == CVY_OK)
            status = take_entry(w, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    w->depth--;
    return status;
}

/* A folder given as an operand must contain at least one picture. */
static cvy_status take_folder(cvy_picture_names *names, const char *folder,
                              const struct stat *about, bool is_recursive)
{
    walk w = { .to = names, .is_recursive = is_recursive };
    const size_t before = names->count, skipped = names->skipped;
    char skips[256], why[512];

    cvy_status status = enter(&w, folder, about);
    if (status != CVY_OK || names->count > before)
        return status;
    cvy_picture_names_describe(names, skips, sizeof skips);
    snprintf(why, sizeof why, "no PNG, JPEG, BMP, PGM or PPM file in it%s%s%s%s",
             is_recursive ? "" : ", folders inside it need --recursive",
             names->skipped > skipped ? " (" : "", names->skipped > skipped ? skips : "",
             names->skipped > skipped ? ")" : "");
    return add_trouble(names, folder, why);
}

static cvy_status take_operand(cvy_picture_names *names, const char *path, bool is_recursive)
{
    struct stat about;

    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return take_folder(names, path, &about, is_recursive);
    return add(names, path, NULL);
}

/* Read all of stdin and append a zero byte; the caller frees *text. */
static cvy_status read_stdin(char **text, size_t *size)
{
    FILE *stream = cvy_text_stream_open(text, size);
    char piece[4096];
    size_t count;
    bool is_whole = true;

    if (stream == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory while reading names from stdin");
    while ((count = fread(piece, 1, sizeof piece, stdin)) > 0)
        is_whole = fwrite(piece, 1, count, stream) == count && is_whole;
    if (fclose(stream) == 0 && is_whole)
        return CVY_OK;
    free(*text);
    return cvy_fail(CVY_ERR_MEMORY, "out of memory while reading names from stdin");
}

/* Take names from stdin, separated by zero bytes if there are any, else by newlines. */
static cvy_status take_stdin(cvy_picture_names *names, bool is_recursive)
{
    char *text;
    size_t size;
    cvy_status status = read_stdin(&text, &size);

    if (status != CVY_OK)
        return status;
    const char separator = memchr(text, '\0', size) != NULL ? '\0' : '\n';
    for (char *name = text, *end; status == CVY_OK && name < text + size; name = end + 1) {
        end = memchr(name, separator, (size_t)(text + size - name));
        if (end == NULL)
            end = text + size;
        *end = '\0';
        if (*name != '\0' && !cvy_ending_is_mac_attributes(name))
            status = take_operand(names, name, is_recursive);
    }
    free(text);
    return status;
}

cvy_status cvy_picture_names_collect(char *const *operands, size_t count, bool is_recursive,
                                     cvy_picture_names *names)
{
    cvy_status status = CVY_OK;

    *names = (cvy_picture_names){ 0 };
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = strcmp(operands[i], "-") == 0 ? take_stdin(names, is_recursive)
                                               : take_operand(names, operands[i], is_recursive);
    return status;
}

void cvy_picture_names_release(cvy_picture_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        cvy_memory_free(names->name[i]);
        cvy_memory_free(names->trouble[i]);
    }
    cvy_memory_free(names->name);
    cvy_memory_free(names->trouble);
    *names = (cvy_picture_names){ 0 };
}

void cvy_picture_names_describe(const cvy_picture_names *names, char *text, size_t size)
{
    size_t length = 0, named = 0;

    text[0] = '\0';
    for (int kind = 0; kind < CVY_OTHER_PICTURES; kind++) {
        const size_t count = names->skipped_of[kind];
        named += count;
        if (count > 0 && length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%zu %s",
                                       length > 0 ? ", " : "", count, cvy_ending_other_name(kind));
    }
    if (names->skipped > named && length < size)
        snprintf(text + length, size - length, "%s%zu other", length > 0 ? ", " : "",
                 names->skipped - named);
}
