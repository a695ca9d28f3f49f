/* Folders of pictures, one folder per class, or such a set of folders for each part, named train,
 * test and val or validation. Folder names are the class names. Pictures are used as they are,
 * without searching for ink.
 *
 * Images are ordered by file name, then by class, so classes alternate, and data written by `data
 * convert` keep their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/memory.h"
#include "sources/file_list.h"
#include "data/intake.h"
#include "sources/picture_files.h"

enum { WORD_BYTES = 32 };

/* Take the letters of a folder's name in lower case, without a word at the end that says that it is a
 * set: "trainingSet", "Train_Images" and "train-data" are train. */
static void take_word(const char *name, char word[WORD_BYTES])
{
    static const char *const endings[] = { "set", "images", "imgs", "data", "pictures", "split" };
    size_t length = 0;

    for (; *name != '\0' && length + 1 < WORD_BYTES; name++)
        if (strchr("_- ", *name) == NULL)
            word[length++] = cvy_lower(*name);
    word[*name == '\0' ? length : 0] = '\0';
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t end = strlen(endings[i]);
        if (length > end && strcmp(word + length - end, endings[i]) == 0) {
            word[length - end] = '\0';
            return;
        }
    }
}

static bool is_part_name(const char *name, cvy_split split)
{
    static const char *const names[CVY_PARTS][5] = {
        { "train", "training", NULL },
        { "test", "testing", NULL },
        { "val", "valid", "validation", "dev", NULL },
    };
    char word[WORD_BYTES];

    take_word(name, word);
    for (size_t i = 0; names[split][i] != NULL; i++)
        if (strcmp(word, names[split][i]) == 0)
            return true;
    return false;
}

static bool has_folders(const char *where)
{
    cvy_class_list classes = { 0 };
    const bool found = cvy_class_list_read(where, &classes) == CVY_OK && classes.count > 0;

    cvy_class_list_release(&classes);
    return found;
}

static bool recognises(const char *where)
{
    return has_folders(where) && cvy_file_list_has_pictures(where);
}

/* ---- parts and classes ---- */

static bool is_name_of_part(const char *name)
{
    bool is_part = false;

    for (int p = 0; p < CVY_PARTS; p++)
        is_part |= is_part_name(name, (cvy_split)p);
    return is_part;
}

/* Whether the folder called `name` holds folders of pictures. */
static bool holds_folders(const char *where, const char *name)
{
    char *path;

    if (cvy_path_join(where, name, &path) != CVY_OK)
        return false;
    const bool holds = recognises(path);
    cvy_memory_free(path);
    return holds;
}

/* Add the classes that are not known yet. */
static cvy_status add_classes(const cvy_class_list *from, cvy_class_list *classes)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < from->count; i++)
        status = cvy_class_list_add(classes, from->names[i]);
    return status;
}

/* Whether a folder of this name holds what other programs keep beside the images. */
static bool is_name_of_labels(const char *name)
{
    static const char *const names[] = { "labels", "annotations", "masks", "xmls" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (cvy_same_letters(name, names[i]))
            return true;
    return false;
}

/* A class without pictures in any part is an error. */
static cvy_status check_not_empty(const char *where, const cvy_class_list *classes,
                                  const size_t *counts)
{
    for (size_t c = 0; c < classes->count; c++)
        if (counts[c] == 0)
            return is_name_of_labels(classes->names[c])
                       ? cvy_fail(CVY_ERR_DATA,
                                  "%s: a folder %s without pictures, expected a folder of pictures "
                                  "for each class\nLabels in files beside the images, as for YOLO, "
                                  "are not read: put the pictures of each class into a folder of "
                                  "its own.",
                                  where, classes->names[c])
                       : cvy_fail(CVY_ERR_DATA,
                                  "%s: the class %s has no pictures\nRemove the folder, or put "
                                  "pictures into it.",
                                  where, classes->names[c]);
    return CVY_OK;
}

/* Where the parts are: in the folder itself, or in one subfolder each. */
typedef struct {
    char *folders[CVY_PARTS];
    bool is_divided;
} part_folders;

static cvy_status find_parts(const char *where, part_folders *parts)
{
    cvy_class_list folders = { 0 };
    cvy_status status = cvy_class_list_read(where, &folders);

    const char *part = NULL, *other = NULL;
    for (size_t i = 0; i < folders.count; i++) {
        if (is_name_of_part(folders.names[i]))
            part = folders.names[i];
        else
            other = folders.names[i];
    }
    *parts = (part_folders){ .is_divided = part != NULL && other == NULL };
    if (status == CVY_OK && part != NULL && other != NULL && holds_folders(where, part))
        status = cvy_fail(CVY_ERR_DATA,
                          "%s: the folder %s holds classes, but %s beside it is no part, expected "
                          "train, val and test only",
                          where, part, other);
    for (size_t i = 0; status == CVY_OK && parts->is_divided && i < folders.count; i++)
        for (int p = 0; p < CVY_PARTS; p++)
            if (status == CVY_OK && is_part_name(folders.names[i], (cvy_split)p) &&
                parts->folders[p] == NULL)
                status = cvy_path_join(where, folders.names[i], &parts->folders[p]);
    cvy_class_list_release(&folders);
    return status;
}

static void release_parts(part_folders *parts)
{
    for (int p = 0; p < CVY_PARTS; p++)
        cvy_memory_free(parts->folders[p]);
}

/* Pictures beside the class folders have no class. */
static cvy_status leave_out_loose(cvy_intake *intake, const char *folder)
{
    cvy_file_list list = { 0 };
    cvy_status status = cvy_file_list_read_loose(folder, &list);

    for (size_t i = 0; status == CVY_OK && i < list.count; i++) {
        char sentence[CVY_LEFT_OUT_BYTES];
        snprintf(sentence, sizeof sentence, "%.200s: not in the folder of a class",
                 list.files[i].path);
        cvy_intake_leave_out(intake, sentence);
    }
    cvy_file_list_release(&list);
    return status == CVY_OK ? cvy_intake_check_left_out(intake) : status;
}

static cvy_status read_part(cvy_intake *intake, cvy_split split, const char *folder,
                            const cvy_class_list *classes, size_t *counts)
{
    cvy_file_list list = { 0 };
    cvy_status status = cvy_file_list_read(folder, classes, &list);

    for (size_t i = 0; i < list.count; i++)
        counts[list.files[i].class_index]++;
    if (status == CVY_OK && list.count > 0 && cvy_intake_wants(intake, split))
        status = cvy_picture_files_read(intake, split, &list);
    if (status == CVY_OK && cvy_intake_wants(intake, split))
        status = leave_out_loose(intake, folder);
    cvy_file_list_release(&list);
    return status;
}

static cvy_status read_parts(cvy_intake *intake, part_folders *parts, cvy_class_list *classes,
                             size_t *counts)
{
    cvy_status status = CVY_OK;

    if (!parts->is_divided)
        return read_part(intake, cvy_intake_undivided(intake), intake->where, classes, counts);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (parts->folders[p] != NULL)
            status = read_part(intake, (cvy_split)p, parts->folders[p], classes, counts);
    return status;
}

static cvy_status find_classes(const cvy_intake *intake, const part_folders *parts,
                               cvy_class_list *classes)
{
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        cvy_class_list found = { 0 };
        if (parts->is_divided && parts->folders[p] == NULL)
            continue;
        if (!parts->is_divided && p > 0)
            break;
        status = cvy_class_list_read(parts->is_divided ? parts->folders[p] : intake->where, &found);
        if (status == CVY_OK)
            status = add_classes(&found, classes);
        cvy_class_list_release(&found);
    }
    if (status == CVY_OK)
        cvy_class_list_sort(classes);
    return status;
}

static cvy_status read_classes(cvy_intake *intake, part_folders *parts, cvy_class_list *classes)
{
    size_t *counts;
    cvy_status status = cvy_memory_create(classes->count, sizeof *counts, &counts);

    if (status == CVY_OK) /* report too few or too many classes first */
        status =
            cvy_intake_name_classes(intake, classes->count, (const char *const *)classes->names);
    if (status == CVY_OK)
        status = read_parts(intake, parts, classes, counts);
    if (status == CVY_OK)
        status = check_not_empty(intake->where, classes, counts);
    cvy_memory_free(counts);
    return status;
}

/* Follow folders that hold nothing but one other folder, as unpacked archives do. *path is the first
 * one below `where` that holds several, or classes; the caller releases it. */
static cvy_status descend(const char *where, char **path)
{
    cvy_status status = cvy_text_copy(where, path);
    bool is_done = false;

    while (status == CVY_OK && !is_done) {
        cvy_class_list folders = { 0 };
        char *below;
        status = cvy_class_list_read(*path, &folders);
        is_done = folders.count != 1 || is_name_of_part(folders.names[0]) ||
                  !holds_folders(*path, folders.names[0]);
        if (status == CVY_OK && !is_done)
            status = cvy_path_join(*path, folders.names[0], &below);
        if (status == CVY_OK && !is_done) {
            cvy_memory_free(*path);
            *path = below;
        }
        cvy_class_list_release(&folders);
    }
    return status;
}

/* Find the parts in the folder, or below a chain of folders with one folder each. Without parts at its
 * end the chain is not followed: a single class with subfolders looks the same. */
static cvy_status find_parts_below(const char *where, part_folders *parts)
{
    char *path = NULL;
    cvy_status status = descend(where, &path);

    *parts = (part_folders){ 0 };
    if (status == CVY_OK)
        status = find_parts(path, parts);
    if (status == CVY_OK && !parts->is_divided && strcmp(path, where) != 0)
        status =
            cvy_fail(CVY_ERR_DATA, "%s: one folder only\n--data \"%s\" takes the folders in it.",
                     where, path);
    cvy_memory_free(path);
    return status;
}

static cvy_status open_folders(cvy_intake *intake)
{
    cvy_class_list classes = { 0 };
    part_folders parts;
    cvy_status status = find_parts_below(intake->where, &parts);

    if (status == CVY_OK)
        status = find_classes(intake, &parts, &classes);
    if (status == CVY_OK)
        status = read_classes(intake, &parts, &classes);
    release_parts(&parts);
    cvy_class_list_release(&classes);
    return status;
}

const cvy_dataset_kind cvy_dataset_class_folders = {
    .kind = { .name = "folders",
              .summary = "a folder with a folder of pictures for each class, or with such folders "
                         "called train, val and test" },
    .recognises = recognises,
    .open = open_folders,
};
