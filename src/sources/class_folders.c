/* Folders of pictures, a folder for each class; or such a folder for each part, called train, test and
 * val or validation. The names of the folders are the names of the classes. Pictures are taken as they
 * are: nobody looks for ink in them.
 *
 * The order of the images is that of the file names, and of the classes where names are equal, so that
 * the classes alternate and what `data convert` has written comes back in its order. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/content.h"
#include "sources/file_list.h"
#include "data/fit.h"
#include "data/intake.h"
#include "formats/picture.h"

enum { HEAD_BYTES = 1 << 16, CHUNK = 64 };

/* What is known about a picture before it is decoded. */
typedef struct {
    cvy_form form;
    bool is_bad;
} picture_look;

/* The pictures of a part while they are read. */
typedef struct {
    cvy_intake *intake;
    cvy_split split;
    const cvy_file_list *list;
    picture_look *looks; /* [list->count] */
    size_t memory_failures;
} picture_reading;

static bool is_part_name(const char *name, cvy_split split)
{
    static const char *const names[CVY_PARTS][4] = {
        { "train", "training", NULL },
        { "test", "testing", NULL },
        { "val", "valid", "validation", NULL },
    };

    for (size_t i = 0; names[split][i] != NULL; i++)
        if (strcasecmp(name, names[split][i]) == 0)
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

/* ---- looking ---- */

/* The first bytes of a file, at most HEAD_BYTES. */
static cvy_status read_head(const char *path, unsigned char bytes[HEAD_BYTES], size_t *size)
{
    struct stat about;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = 1;

    *size = 0;
    if (file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", path);
    }
    while (*size < HEAD_BYTES && count > 0) {
        count = read(file, bytes + *size, HEAD_BYTES - *size);
        if (count > 0)
            *size += (size_t)count;
        else if (count < 0 && errno == EINTR)
            count = 1;
    }
    const int error = errno;
    close(file);
    return count < 0 ? cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(error)) : CVY_OK;
}

/* The header of a picture; the whole file where its first part is not enough. */
static cvy_status look_at(const char *path, picture_look *look)
{
    unsigned char head[HEAD_BYTES], *whole;
    size_t size;
    cvy_status status = read_head(path, head, &size);

    if (status != CVY_OK)
        return status;
    const char *other = cvy_content_picture_name(head, size);
    const char *mistake = cvy_content_mistake(cvy_content_of_bytes(head, size));
    if (mistake != NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s", path, mistake);
    if (other != NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s %s picture, expected PNG, JPEG, BMP, PGM or PPM",
                        path, other[0] == 'A' ? "an" : "a", other);
    status = cvy_picture_measure(path, head, size, &look->form.width, &look->form.height,
                                 &look->form.channels);
    if (status != CVY_ERR_FORMAT || size < HEAD_BYTES)
        return status;
    status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &whole, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_picture_measure(path, whole, size, &look->form.width, &look->form.height,
                                 &look->form.channels);
    cvy_memory_free(whole);
    return status;
}

/* A picture that cannot be read is left out and counted, or ends it all. */
static void leave_out(picture_reading *r, size_t i, cvy_status status)
{
    r->looks[i].is_bad = true;
#pragma omp critical
    {
        if (status == CVY_ERR_MEMORY)
            r->memory_failures++;
        cvy_intake_leave_out(r->intake, cvy_error_message());
    }
}

static cvy_status check_failures(const picture_reading *r)
{
    return r->memory_failures > 0 ? cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", r->intake->where)
                                  : CVY_OK;
}

static cvy_status look_at_all(picture_reading *r)
{
    cvy_status status = cvy_memory_create(r->list->count, sizeof *r->looks, &r->looks);

    if (status != CVY_OK)
        return status;
    cvy_intake_expect(r->intake, 2 * r->list->count);
#pragma omp parallel for num_threads((int)r->intake->options->threads) schedule(dynamic, CHUNK)
    for (size_t i = 0; i < r->list->count; i++) {
        const cvy_status looked = look_at(r->list->files[i].path, &r->looks[i]);
        if (looked != CVY_OK)
            leave_out(r, i, looked);
        cvy_intake_progress(r->intake, 1);
    }
    return check_failures(r);
}

/* The form of the images: that of the first picture, in colour where any picture has colours. */
static cvy_status choose_form(const picture_reading *r, size_t *good, cvy_form *form)
{
    size_t first = r->list->count;

    *good = 0;
    *form = (cvy_form){ 0 };
    for (size_t i = 0; i < r->list->count; i++) {
        if (r->looks[i].is_bad)
            continue;
        ++*good;
        if (first == r->list->count) {
            first = i;
            *form = r->looks[i].form;
        }
        form->channels = r->looks[i].form.channels == 3 ? 3 : form->channels;
    }
    if (*good == 0)
        return cvy_fail(CVY_ERR_DATA, "%s: none of its %zu pictures can be read", r->intake->where,
                        r->list->count);
    const cvy_form fitted = cvy_fit_form(r->intake->options, *form);
    for (size_t i = 0; i < r->list->count; i++) {
        const cvy_form other = cvy_fit_form(r->intake->options, r->looks[i].form);
        if (!r->looks[i].is_bad && (other.height != fitted.height || other.width != fitted.width))
            return cvy_fail(CVY_ERR_DATA,
                            "%s: %zu x %zu pixels, but %s has %zu x %zu\nuse --resize HxW",
                            r->list->files[i].path, other.height, other.width,
                            r->list->files[first].path, fitted.height, fitted.width);
    }
    return CVY_OK;
}

/* ---- decoding ---- */

static cvy_status decode(picture_reading *r, size_t i, size_t place)
{
    cvy_colour_picture picture;
    unsigned char *bytes;
    size_t size;
    const char *path = r->list->files[i].path;
    cvy_status status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &bytes, &size);

    if (status != CVY_OK)
        return status;
    status = cvy_picture_decode_colour(path, bytes, size, &picture);
    cvy_memory_free(bytes);
    if (status != CVY_OK)
        return status;
    const cvy_form form = { picture.height, picture.width, picture.channels };
    const cvy_form looked = r->looks[i].form;
    if (form.height != looked.height || form.width != looked.width)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: it changed while it was read", path);
    else
        cvy_intake_put_one(r->intake, r->split, place, picture.pixels, form);
    cvy_colour_picture_free(&picture);
    return status;
}

/* Places of the good pictures, in order; a bad one has none. */
static cvy_status number(const picture_reading *r, size_t **places)
{
    size_t next = 0;
    cvy_status status = cvy_memory_create(r->list->count, sizeof **places, places);

    for (size_t i = 0; status == CVY_OK && i < r->list->count; i++)
        (*places)[i] = r->looks[i].is_bad ? SIZE_MAX : next++;
    return status;
}

static cvy_status decode_all(picture_reading *r, cvy_images *part)
{
    size_t *places;
    cvy_status status = number(r, &places);
    bool any_bad = false;

    if (status != CVY_OK)
        return status;
#pragma omp parallel for num_threads((int)r->intake->options->threads) schedule(dynamic, CHUNK)
    for (size_t i = 0; i < r->list->count; i++) {
        cvy_intake_progress(r->intake, 1);
        if (places[i] == SIZE_MAX)
            continue;
        part->labels[places[i]] = (uint16_t)r->list->files[i].class_index;
        const cvy_status decoded = decode(r, i, places[i]);
        if (decoded != CVY_OK)
            leave_out(r, i, decoded);
    }
    for (size_t i = 0; i < r->list->count; i++)
        any_bad |= places[i] != SIZE_MAX && r->looks[i].is_bad;
    if (any_bad) { /* found while decoding: the others move up */
        size_t kept = 0;
        for (size_t i = 0; i < r->list->count; i++)
            if (places[i] != SIZE_MAX && !r->looks[i].is_bad)
                cvy_intake_move(r->intake, r->split, places[i], kept++);
        cvy_intake_shorten(r->intake, r->split, kept);
    }
    cvy_memory_free(places);
    return check_failures(r);
}

static cvy_status read_pictures(cvy_intake *intake, cvy_split split, const cvy_file_list *list)
{
    picture_reading r = { .intake = intake, .split = split, .list = list };
    cvy_images *part;
    cvy_form form;
    size_t good;
    cvy_status status = look_at_all(&r);

    if (status == CVY_OK)
        status = cvy_intake_check_left_out(intake);
    if (status == CVY_OK)
        status = choose_form(&r, &good, &form);
    if (status == CVY_OK)
        status = cvy_intake_begin(intake, split, good, form, &part);
    if (status == CVY_OK)
        status = decode_all(&r, part);
    if (status == CVY_OK)
        status = cvy_intake_check_left_out(intake);
    cvy_memory_free(r.looks);
    return status;
}

/* ---- parts and classes ---- */

/* The class of a name: one that is known, or a new one. */
static cvy_status add_classes(const cvy_class_list *from, cvy_class_list *classes)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < from->count; i++)
        status = cvy_class_list_add(classes, from->names[i]);
    return status;
}

/* A class that no part has pictures of was meant to have some. */
static cvy_status check_not_empty(const char *where, const cvy_class_list *classes,
                                  const size_t *counts)
{
    for (size_t c = 0; c < classes->count; c++)
        if (counts[c] == 0)
            return cvy_fail(
                CVY_ERR_DATA,
                "%s: the class %s has no pictures\nremove the folder or put pictures in", where,
                classes->names[c]);
    return CVY_OK;
}

/* Where the parts lie: the folder itself, or a folder of it for each part. */
typedef struct {
    char *folders[CVY_PARTS];
    bool is_divided;
} part_folders;

static cvy_status find_parts(const char *where, part_folders *parts)
{
    cvy_class_list folders = { 0 };
    cvy_status status = cvy_class_list_read(where, &folders);

    *parts = (part_folders){ .is_divided = folders.count > 0 };
    for (size_t i = 0; i < folders.count; i++) {
        bool is_part = false;
        for (int p = 0; p < CVY_PARTS; p++)
            is_part |= is_part_name(folders.names[i], (cvy_split)p);
        parts->is_divided &= is_part;
    }
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

static cvy_status read_part(cvy_intake *intake, cvy_split split, const char *folder,
                            const cvy_class_list *classes, size_t *counts)
{
    cvy_file_list list = { 0 };
    cvy_status status = cvy_file_list_read(folder, classes, &list);

    for (size_t i = 0; i < list.count; i++)
        counts[list.files[i].class_index]++;
    if (status == CVY_OK && list.count > 0 && cvy_intake_wants(intake, split))
        status = read_pictures(intake, split, &list);
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

    if (status == CVY_OK) /* too few or too many of them is said first */
        status =
            cvy_intake_name_classes(intake, classes->count, (const char *const *)classes->names);
    if (status == CVY_OK)
        status = read_parts(intake, parts, classes, counts);
    if (status == CVY_OK)
        status = check_not_empty(intake->where, classes, counts);
    cvy_memory_free(counts);
    return status;
}

static cvy_status open_folders(cvy_intake *intake)
{
    cvy_class_list classes = { 0 };
    part_folders parts;
    cvy_status status = find_parts(intake->where, &parts);

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
