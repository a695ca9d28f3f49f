/* Write a data set in a format: choose the target and check what may be replaced. */
#include "data/writer.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stop.h"
#include "base/synonyms.h"
#include "data/replacement.h"

enum { PATH_BYTES = CVY_REPLACEMENT_PATH_BYTES };

static const cvy_dataset_writer *const writers[] = {
    &cvy_writer_idx, &cvy_writer_folders, &cvy_writer_csv,
    &cvy_writer_npz, &cvy_writer_packed,  NULL,
};

const char *cvy_dataset_format(size_t index)
{
    size_t i = 0;
    while (i < index && writers[i] != NULL)
        i++;
    return writers[i] != NULL ? writers[i]->name : NULL;
}

static const cvy_dataset_writer *find_writer(const char *format)
{
    for (size_t i = 0; writers[i] != NULL; i++)
        if (strcmp(writers[i]->name, format) == 0)
            return writers[i];
    return NULL;
}

const char *cvy_dataset_format_summary(const char *format)
{
    const cvy_dataset_writer *writer = format != NULL ? find_writer(format) : NULL;
    return writer != NULL ? writer->summary : NULL;
}

const char *cvy_writer_part_name(cvy_split split)
{
    static const char *const names[] = { "train", "test", "validation" };
    return names[split];
}

/* ---- files ---- */

cvy_status cvy_writer_open(const char *folder, const char *name, FILE **file)
{
    char path[PATH_BYTES];

    if ((size_t)snprintf(path, sizeof path, "%s%s%s", folder, name != NULL ? "/" : "",
                         name != NULL ? name : "") >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    *file = fopen(path, "w+e");
    return *file != NULL ? CVY_OK : cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
}

void cvy_writer_close(FILE *file, const char *folder, const char *name, cvy_status *status)
{
    if (file == NULL)
        return;
    bool is_whole = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    const int error = errno;

    is_whole &= fclose(file) == 0;
    if (*status == CVY_OK && !is_whole)
        *status = cvy_fail(CVY_ERR_WRITE, "%s%s%s: %s", folder, name != NULL ? "/" : "",
                           name != NULL ? name : "", strerror(error));
}

/* ---- existing targets ---- */

/* Every file below `path` must have a name that some format writes; anything else is not
 * replaced. */
static cvy_status check_replaceable(const char *path, int depth)
{
    DIR *listing = opendir(path);
    cvy_status status = CVY_OK;

    if (listing == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    for (struct dirent *entry; status == CVY_OK && (entry = readdir(listing)) != NULL;) {
        char inner[PATH_BYTES];
        struct stat about;
        bool is_ours = false;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if ((size_t)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= sizeof inner ||
            lstat(inner, &about) != 0)
            status = cvy_fail(CVY_ERR_OPEN, "%s/%s: cannot be looked at", path, entry->d_name);
        else if (S_ISDIR(about.st_mode) && depth > 0)
            status = check_replaceable(inner, depth - 1);
        else {
            for (size_t i = 0; writers[i] != NULL; i++)
                is_ours |= S_ISREG(about.st_mode) && writers[i]->is_folder &&
                           writers[i]->owns(entry->d_name);
            if (!is_ours)
                status =
                    cvy_fail(CVY_ERR_SETTING,
                             "%s: not a part of a data set; it would be lost\nmove it away, or "
                             "write into another folder",
                             inner);
        }
    }
    closedir(listing);
    return status;
}

static bool is_empty_folder(const char *path)
{
    DIR *listing = opendir(path);
    size_t count = 0;

    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (listing == NULL)
        return false;
    closedir(listing);
    return count == 0;
}

/* Check that `path` may be written. *is_there is set if something must be replaced. */
static cvy_status check_target(const cvy_dataset_writer *writer, const char *path,
                               bool is_overwrite, bool *is_there)
{
    struct stat about;

    *is_there = stat(path, &about) == 0;
    if (!*is_there && errno != ENOENT)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (cvy_file_is_dangling(path))
        return cvy_fail(CVY_ERR_OPEN, "%s: a link to a place that does not exist, expected a %s",
                        path, writer->is_folder ? "folder" : "file");
    if (!*is_there)
        return CVY_OK;
    if (writer->is_folder && !S_ISDIR(about.st_mode))
        return cvy_fail(CVY_ERR_OPEN, "%s: Not a directory; %s is written into a folder", path,
                        writer->name);
    if (!writer->is_folder && !S_ISREG(about.st_mode))
        return cvy_fail(CVY_ERR_OPEN, "%s: not a regular file; %s is written into a file", path,
                        writer->name);
    if (writer->is_folder && access(path, R_OK | W_OK | X_OK) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: cannot create files in this folder: %s", path,
                        strerror(errno));
    if (writer->is_folder && is_empty_folder(path))
        return CVY_OK;
    if (!is_overwrite)
        return cvy_fail(CVY_ERR_SETTING, "%s: %s\n--overwrite replaces it", path,
                        writer->is_folder ? "this folder is not empty" : "it exists already");
    if (writer->is_folder)
        return check_replaceable(path, 4);
    const cvy_content content = cvy_content_of(path);
    if (about.st_size > 0 && content != writer->content)
        return cvy_fail(
            CVY_ERR_SETTING,
            "%s: not a data set of the format %s; it would be lost\nmove it away, or write "
            "another file",
            path, writer->name);
    return CVY_OK;
}

/* Replace the temporary path in an error message with the user's. */
static void name_target(cvy_status status, const char *temporary, const char *target)
{
    char sentence[CVY_ERROR_BYTES];

    snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    const char *at = strstr(sentence, temporary);
    if (at != NULL)
        cvy_fail(status, "%.*s%s%s", (int)(at - sentence), sentence, target,
                 at + strlen(temporary));
}

static cvy_status write_beside(const cvy_dataset *dataset, const cvy_dataset_writer *writer,
                               const char *target, size_t threads)
{
    cvy_replacement made;
    cvy_status status = cvy_replacement_begin(target, writer->is_folder, &made);

    if (status != CVY_OK)
        return status;
    status = writer->write(dataset, made.path, threads);
    if (status == CVY_OK && cvy_stop_is_requested(NULL))
        status = cvy_fail(CVY_ERR_STOPPED, "%s: stopped; nothing was written", target);
    if (status == CVY_OK)
        status = cvy_replacement_appear(&made, target);
    if (status != CVY_OK)
        name_target(status, made.path, target);
    cvy_replacement_end(&made);
    return status;
}

/* Remove trailing slashes from the target and resolve links. */
static cvy_status resolve(const char *path, bool is_there, char target[PATH_BYTES])
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0 || length >= PATH_BYTES)
        return cvy_fail(CVY_ERR_SETTING, "the output: found \"%.80s\", expected a path", path);
    char *real = is_there ? realpath(path, NULL) : NULL;
    const bool fits = real == NULL || strlen(real) < PATH_BYTES;
    if (real != NULL && fits)
        memcpy(target, real, strlen(real) + 1);
    else
        snprintf(target, PATH_BYTES, "%.*s", (int)length, path);
    free(real);
    return fits ? CVY_OK : cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", path);
}

static cvy_status fail_format(const char *format)
{
    enum { COUNT = sizeof writers / sizeof *writers - 1 };
    const char *names[COUNT];
    char list[128] = "";

    for (size_t i = 0, used = 0; i < COUNT && used < sizeof list; i++) {
        names[i] = writers[i]->name;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0          ? ""
                                 : i + 1 < COUNT ? ", "
                                                 : " or ",
                                 names[i]);
    }
    cvy_fail(CVY_ERR_SETTING, "%.40s: unknown format, expected %s", format, list);
    return cvy_fail_suggest(CVY_ERR_SETTING, cvy_suggest("data format", format, names, COUNT));
}

cvy_status cvy_dataset_write(const cvy_dataset *dataset, const char *format, const char *path,
                             bool is_overwrite, size_t threads)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(format);
    CVY_REQUIRE(path);
    const cvy_dataset_writer *writer = find_writer(format);
    char target[PATH_BYTES];
    bool is_there;

    if (threads < 1)
        return cvy_fail(CVY_ERR_SETTING, "threads: found 0, expected at least 1");
    if (writer == NULL)
        return fail_format(format);
    cvy_status status = check_target(writer, path, is_overwrite, &is_there);
    if (status == CVY_OK)
        status = resolve(path, is_there, target);
    return status == CVY_OK ? write_beside(dataset, writer, target, threads) : status;
}
