#include "data/folder_content.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/picture_kinds.h"
#include "base/plural.h"
#include "data/content.h"
#include "formats/foreign.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 256, LOOKED_MAX = 10000, FOLDERS_MAX = 100 };

typedef struct {
    size_t files, folders, pictures, data_count;
    char data[NAME_BYTES];     /* the first file or folder, by name, that is a data set; "": none */
    char foreign[NAME_BYTES];  /* the first one of another format */
    const cvy_foreign *format; /* of that */
} folder_content;

/* Keep the name that sorts first. */
static bool comes_first(const char *name, const char *kept)
{
    return strlen(name) < NAME_BYTES && (kept[0] == '\0' || strcmp(name, kept) < 0);
}

static void add_data(const char *name, folder_content *content)
{
    content->data_count++;
    if (comes_first(name, content->data))
        snprintf(content->data, sizeof content->data, "%s", name);
}

static void look_at_file(const char *path, const char *name, bool (*is_data)(const char *path),
                         folder_content *content)
{
    const cvy_foreign *format;

    if (cvy_file_is_picture(path)) {
        content->pictures++;
    } else if (is_data(path)) {
        add_data(name, content);
    } else if ((format = cvy_foreign_recognise(path)) != NULL && format->data != NULL &&
               comes_first(name, content->foreign)) {
        snprintf(content->foreign, sizeof content->foreign, "%s", name);
        content->format = format;
    }
}

static bool look(const char *where, bool (*is_data)(const char *path), folder_content *content)
{
    char path[PATH_BYTES];
    DIR *listing = opendir(where);
    size_t looked = 0;

    if (listing == NULL)
        return false;
    for (struct dirent *entry; looked < LOOKED_MAX && (entry = readdir(listing)) != NULL;
         looked++) {
        if (entry->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof path, "%s/%s", where, entry->d_name) >= sizeof path)
            continue;
        if (entry->d_type != DT_DIR) {
            content->files++;
            look_at_file(path, entry->d_name, is_data, content);
        } else if (content->folders++ < FOLDERS_MAX && is_data(path)) {
            add_data(entry->d_name, content);
        }
    }
    closedir(listing);
    return true;
}

cvy_status cvy_folder_content_explain(const char *where, bool (*is_data)(const char *path))
{
    const cvy_status status = CVY_ERR_FORMAT;
    folder_content content = { 0 };

    if (!look(where, is_data, &content))
        return CVY_OK;
    if (content.data_count > 0)
        return cvy_fail(status,
                        "%s: a folder with %zu data set%s in it, expected one of them\n"
                        "--data \"%s/%s\"",
                        where, content.data_count, cvy_plural(content.data_count), where,
                        content.data);
    if (content.pictures > 0)
        return cvy_fail(status,
                        "%s: %zu picture%s, but no folder for each class\n"
                        "Put the pictures of each class into a folder of its own, named after it.",
                        where, content.pictures, cvy_plural(content.pictures));
    if (content.format == NULL && content.folders == 0)
        return content.files > 0 ? CVY_OK
                                 : cvy_fail(status,
                                            "%s: an empty folder, expected a data set\n"
                                            "`convoy info --datasets` lists what can be read.",
                                            where);
    if (content.format == NULL)
        return cvy_fail(status,
                        "%s: %zu folder%s in it, but no pictures in any, expected a folder of "
                        "pictures for each class",
                        where, content.folders, cvy_plural(content.folders));
    cvy_fail(status, "%s: %s in it is %s, expected a data set", where, content.foreign,
             content.format->name);
    return cvy_fail_advise(status, content.format->data);
}
