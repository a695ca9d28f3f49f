/* What lies in folders of pictures: the classes, and the files of each. */
#ifndef CVY_SOURCES_FILE_LIST_H
#define CVY_SOURCES_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    char **names; /* [count] */
    size_t count, room;
} cvy_class_list;

/** The folders in a folder, sorted; those whose name begins with a dot do not count, nor does a link
 *  that leads back to a folder above. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_class_list_read(const char *folder, cvy_class_list *classes);

/** Add a name unless it is there. */
cvy_status cvy_class_list_add(cvy_class_list *classes, const char *name);

/** By number where all names are numbers, else by bytes. */
void cvy_class_list_sort(cvy_class_list *classes);
void cvy_class_list_release(cvy_class_list *classes);

typedef struct {
    char *path;
    const char *name; /* of the file, in path */
    size_t class_index;
} cvy_listed_file;

typedef struct {
    cvy_listed_file *files; /* [count] sorted by name, then by class */
    size_t count, room;
} cvy_file_list;

/** The files in the folders of the classes, and in folders further down, that are called like
 *  pictures. Links to folders further down are not followed. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_file_list_read(const char *folder, const cvy_class_list *classes,
                              cvy_file_list *list);
void cvy_file_list_release(cvy_file_list *list);

/** Whether some file further down in the folder is called like a picture; it stops at the first. */
bool cvy_file_list_has_pictures(const char *folder);

/** folder/name, released with cvy_memory_free(). */
cvy_status cvy_path_join(const char *folder, const char *name, char **path);

#endif
