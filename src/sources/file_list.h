/* The content of picture folders: the classes and their files. */
#ifndef CVY_SOURCES_FILE_LIST_H
#define CVY_SOURCES_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    char **names; /* [count] */
    size_t count, room;
} cvy_class_list;

/** List the subfolders of a folder, sorted. Names that begin with a dot and links to an ancestor
 *  folder are skipped. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_class_list_read(const char *folder, cvy_class_list *classes);

/** Add a name unless it is already in the list. */
cvy_status cvy_class_list_add(cvy_class_list *classes, const char *name);

/** Sort by number if all names are numbers, else by bytes. */
void cvy_class_list_sort(cvy_class_list *classes);
void cvy_class_list_release(cvy_class_list *classes);

typedef struct {
    const char *path; /* the list owns it */
    const char *name; /* file name, a part of path */
    size_t class_index;
} cvy_listed_file;

typedef struct {
    cvy_listed_file *files; /* [count] sorted by name, then by class */
    size_t count, room;
    struct cvy_path_block
        *paths; /* the paths, many in a block: a folder may hold a million files */
} cvy_file_list;

/** List the files with names or content of pictures in the class folders and their subfolders.
 *  Links to folders below a class folder are not followed. Returns CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_file_list_read(const char *folder, const cvy_class_list *classes,
                              cvy_file_list *list);

/** List the pictures in a folder itself, outside of its subfolders, sorted by name. Returns as above. */
cvy_status cvy_file_list_read_loose(const char *folder, cvy_file_list *list);
void cvy_file_list_release(cvy_file_list *list);

/** Whether any file in the folder or below is a picture; stops at the first. */
bool cvy_file_list_has_pictures(const char *folder);

/** Return folder/name; the caller releases it with cvy_memory_free(). */
cvy_status cvy_path_join(const char *folder, const char *name, char **path);

#endif
