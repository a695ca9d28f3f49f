#include "charts/report_folder.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static cvy_status check_entries(const char *folder, const cvy_folder_mark *mark, DIR *entries)
{
    bool has_mark = false, has_others = false;
    const struct dirent *entry;

    while ((entry = readdir(entries)) != NULL) {
        const char *name = entry->d_name;
        has_mark = has_mark || strcmp(name, mark->file) == 0;
        has_others =
            has_others || (name[0] != '.' && strncmp(name, mark->file, strlen(mark->file)) != 0);
    }
    if (has_mark || !has_others)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--report: %s holds something else, expected a new or empty folder, or one "
                    "that convoy %s has written",
                    folder, mark->command);
}

static cvy_status check_mark(const char *folder, const cvy_folder_mark *mark)
{
    char path[CVY_FOLDER_BYTES_MAX + 64];
    json_error_t error;

    snprintf(path, sizeof path, "%s/%s", folder, mark->file);
    json_t *object = cvy_json_load_file(path, 0, &error);
    if (object == NULL && access(path, F_OK) != 0)
        return CVY_OK;
    const char *value = json_string_value(json_object_get(object, mark->key));
    const bool is_ours = value != NULL && strcmp(value, mark->value) == 0;
    json_decref(object);
    if (is_ours)
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_SETTING,
        "--report: %s is not what convoy %s has written, expected a new or empty folder", path,
        mark->command);
}

/* Otherwise "report.html" would become a folder of that name. */
static cvy_status check_name(const char *folder)
{
    static const char *const endings[] = { ".html", ".htm", ".json", ".csv",
                                           ".pdf",  ".png", ".svg",  ".md" };
    const char *ending = strrchr(folder, '.');

    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(ending, endings[i]) == 0)
            return cvy_fail(
                CVY_ERR_SETTING,
                "--report: found \"%.80s\", which names a file, expected a folder; did you "
                "mean %.*s?",
                folder, (int)(ending - folder), folder);
    return CVY_OK;
}

cvy_status cvy_folder_check(const char *folder, const cvy_folder_mark *mark)
{
    if (*folder == '\0' || strlen(folder) > CVY_FOLDER_BYTES_MAX)
        return cvy_fail(CVY_ERR_SETTING, "--report: found \"%.80s\", expected a folder", folder);
    DIR *entries = opendir(folder);
    const int error = entries == NULL ? errno : 0;
    if (error == ENOENT && cvy_file_is_dangling(folder))
        return cvy_fail(CVY_ERR_SETTING,
                        "--report: %s: a link to a place that does not exist, expected a folder",
                        folder);
    if (error == ENOENT) {
        const cvy_status named = check_name(folder);
        return named == CVY_OK ? cvy_folder_probe(folder) : named;
    }
    if (entries == NULL)
        return cvy_fail(error == ENOTDIR ? CVY_ERR_SETTING : CVY_ERR_OPEN, "--report: %s: %s",
                        folder, strerror(error));
    cvy_status status = check_entries(folder, mark, entries);
    closedir(entries);
    if (status == CVY_OK)
        status = check_mark(folder, mark);
    return status == CVY_OK ? cvy_folder_probe(folder) : status;
}

static void remove_file(const char *folder, const char *name, int length, const char *ending)
{
    char path[CVY_FOLDER_BYTES_MAX + 512];

    snprintf(path, sizeof path, "%s/%.*s%s", folder, length, name, ending);
    unlink(path);
}

/* A script names a table as 'NAME.csv'. */
static void remove_tables(const char *folder, FILE *script)
{
    char line[1024];

    while (fgets(line, sizeof line, script) != NULL)
        for (char *end = strstr(line, ".csv'"); end != NULL; end = strstr(end + 1, ".csv'")) {
            const char *begin = end;
            while (begin > line && begin[-1] != '\'' && begin[-1] != '/')
                begin--;
            if (begin > line && begin[-1] == '\'' && begin < end)
                remove_file(folder, begin, (int)(end - begin), ".csv");
        }
}

static void clear_figure(const char *folder, const char *name, int length)
{
    static const char *const endings[] = { ".gp", ".svg", ".pdf", ".png" };
    char path[CVY_FOLDER_BYTES_MAX + 512], line[512] = "", expected[512];

    snprintf(path, sizeof path, "%s/%.*s.gp", folder, length, name);
    snprintf(expected, sizeof expected, "# gnuplot %.*s.gp draws ", length, name);
    FILE *script = fopen(path, "r");
    if (script == NULL)
        return;
    const bool is_ours =
        fgets(line, sizeof line, script) != NULL && strncmp(line, expected, strlen(expected)) == 0;
    if (is_ours)
        remove_tables(folder, script);
    fclose(script);
    for (size_t i = 0; is_ours && i < sizeof endings / sizeof *endings; i++)
        remove_file(folder, name, length, endings[i]);
}

void cvy_folder_clear_figures(const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;

    if (entries == NULL)
        return;
    while ((entry = readdir(entries)) != NULL) {
        const size_t length = strlen(entry->d_name);
        if (length > 3 && length < 256 && strcmp(entry->d_name + length - 3, ".gp") == 0)
            clear_figure(folder, entry->d_name, (int)length - 3);
    }
    closedir(entries);
}
