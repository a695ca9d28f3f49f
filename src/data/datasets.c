/* The list of sources, and the choice of the one that opens the user's data. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/place.h"
#include "base/synonyms.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "data/cache.h"
#include "data/content.h"
#include "data/folder_content.h"
#include "data/intake.h"
#include "formats/foreign.h"

static_assert(offsetof(cvy_dataset_kind, kind) == 0, "the list holds the first members");

const cvy_kind *const cvy_dataset_kinds[] = {
    &cvy_dataset_digits.kind,        &cvy_dataset_idx.kind,    &cvy_dataset_cifar.kind,
    &cvy_dataset_class_folders.kind, &cvy_dataset_packed.kind, &cvy_dataset_npz.kind,
    &cvy_dataset_pixel_cells.kind,   &cvy_dataset_csv.kind,    NULL
};

static const cvy_dataset_kind *kind_at(size_t i)
{
    return (const cvy_dataset_kind *)cvy_dataset_kinds[i];
}

/* The kind selected by name if `where` is "name" or "name:settings". */
static const cvy_dataset_kind *find_named(const char *where)
{
    size_t length = strcspn(where, ":");

    for (size_t i = 0; cvy_dataset_kinds[i] != NULL; i++) {
        const char *name = cvy_dataset_kinds[i]->name;
        if (kind_at(i)->recognises == NULL && strlen(name) == length &&
            strncmp(where, name, length) == 0)
            return kind_at(i);
    }
    return NULL;
}

static const cvy_dataset_kind *find_recognising(const char *path)
{
    if (cvy_content_mistake(cvy_content_of(path)) != NULL)
        return NULL;
    for (size_t i = 0; cvy_dataset_kinds[i] != NULL; i++)
        if (kind_at(i)->recognises != NULL && kind_at(i)->recognises(path))
            return kind_at(i);
    return NULL;
}

static bool is_data(const char *path)
{
    return find_recognising(path) != NULL;
}

/* List the kinds found by content: "(1) a; (2) b". */
static void list_kinds(char *list, size_t size)
{
    size_t used = 0, count = 0;

    list[0] = '\0';
    for (size_t i = 0; cvy_dataset_kinds[i] != NULL; i++)
        if (kind_at(i)->recognises != NULL && used < size)
            used += (size_t)snprintf(list + used, size - used, "%s(%zu) %s", used > 0 ? "; " : "",
                                     ++count, cvy_dataset_kinds[i]->summary);
}

/* Say why nothing could be opened, and list the choices. */
static cvy_status fail_unknown(const char *where)
{
    const char *names[8];
    char list[1024], typed[CVY_NAME_BYTES];
    size_t count = 0;
    struct stat about;
    const int problem = stat(where, &about) == 0 ? 0 : errno;
    const bool exists = problem == 0;

    if (where[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING, "data: found \"\", expected digits or a path\nA shell "
                                         "variable in it may be empty.");
    if (!exists && problem != ENOENT && problem != ENOTDIR)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", where, strerror(problem));
    if (exists && access(where, R_OK) != 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", where, strerror(errno));
    if (exists)
        list_kinds(list, sizeof list);
    if (exists && S_ISDIR(about.st_mode) && cvy_folder_content_explain(where, is_data) != CVY_OK)
        return cvy_foreign_explain(CVY_ERR_FORMAT, where, CVY_WANTED_DATA);
    if (exists)
        return cvy_foreign_explain(cvy_fail(CVY_ERR_FORMAT,
                                            "%s: not a data set that can be read; looked for %s",
                                            where, list),
                                   where, CVY_WANTED_DATA);
    for (size_t i = 0; cvy_dataset_kinds[i] != NULL && count < sizeof names / sizeof *names; i++)
        if (kind_at(i)->recognises == NULL)
            names[count++] = cvy_dataset_kinds[i]->name;
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(where, ":"), where);
    const cvy_suggestion suggestion = cvy_suggest("data set", typed, names, count);
    const char *place = cvy_place_advice(where);
    if (place != NULL && suggestion.meant == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: no such file or folder, expected a data set\n%s", where,
                        suggestion.advice != NULL ? suggestion.advice : place);
    char known[256] = "";
    for (size_t i = 0; i < count; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i > 0 ? ", " : "",
                 names[i]);
    cvy_fail(CVY_ERR_OPEN, "%s: neither a built-in data set (%s) nor an existing path", where,
             known);
    if (suggestion.meant != NULL)
        return cvy_fail_add(CVY_ERR_OPEN, "\nDid you mean %s?", suggestion.meant);
    return cvy_fail_advise(CVY_ERR_OPEN, suggestion.advice != NULL
                                             ? suggestion.advice
                                             : "`convoy info --datasets` lists what can be read.");
}

/* Name a data set after the last component of its path: "mnist". */
static void name_by_path(const char *path, cvy_dataset *dataset)
{
    char *resolved = realpath(path, NULL);
    const char *whole = resolved != NULL ? resolved : path;
    const char *slash = strrchr(whole, '/');

    cvy_utf8_fit(dataset->name, sizeof dataset->name,
                 slash != NULL && slash[1] != '\0' ? slash + 1 : whole);
    free(resolved);
}

/* Missing parts are no error unless all requested parts are missing. */
static cvy_status check_not_empty(const cvy_intake *intake)
{
    const cvy_dataset *d = intake->dataset;

    if (d->train.count + d->test.count + d->validation.count > 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_DATA, "%s: no %s images in it", intake->where,
                    intake->options->parts == CVY_PART_TEST         ? "test"
                    : intake->options->parts == CVY_PART_VALIDATION ? "validation"
                    : intake->options->parts == CVY_PART_TRAIN      ? "training"
                                                                    : "labelled");
}

static cvy_status read_by(const cvy_dataset_kind *kind, cvy_intake *intake)
{
    cvy_status status = kind->open(intake);

    if (status == CVY_OK)
        status = check_not_empty(intake);
    return status == CVY_OK ? cvy_intake_settle(intake) : status;
}

static cvy_status open_named(cvy_intake *intake)
{
    const cvy_kind *kind;
    void *settings;

    cvy_status status =
        cvy_spec_read("data set", intake->where, cvy_dataset_kinds, &kind, &settings);
    if (status != CVY_OK)
        return status;
    snprintf(intake->dataset->name, sizeof intake->dataset->name, "%s", kind->name);
    intake->settings = settings;
    status = read_by((const cvy_dataset_kind *)kind, intake);
    cvy_memory_free(settings);
    return status;
}

/* Map the packed file of this data set. */
static cvy_status open_packed(const cvy_cache *cache, cvy_intake *intake)
{
    cvy_intake packed = { .where = cvy_cache_path(cache),
                          .options = intake->options,
                          .dataset = intake->dataset };

    cvy_dataset_clear(intake->dataset);
    return cvy_dataset_packed.open(&packed);
}

/* If the packed file is damaged, it is removed and the data are read again. */
static bool is_cached(const cvy_cache *cache, cvy_intake *intake, cvy_status *status)
{
    if (cache == NULL || !cvy_cache_is_there(cache))
        return false;
    *status = open_packed(cache, intake);
    if (*status != CVY_ERR_FORMAT && *status != CVY_ERR_OPEN && *status != CVY_ERR_READ)
        return true;
    cvy_cache_forget(cache);
    cvy_dataset_clear(intake->dataset);
    return false;
}

/* Read the images, or map them from the cache if an earlier run stored them. Without the pictures of
 * other sizes, which training does not leave out, they are not stored. */
static cvy_status read_limited(const cvy_dataset_kind *kind, cvy_intake *intake)
{
    cvy_cache *cache;
    cvy_status status = cvy_cache_open(intake->where, intake->options, &cache);

    if (status != CVY_OK)
        return status;
    if (!is_cached(cache, intake, &status)) {
        intake->cache = cache;
        status = read_by(kind, intake);
        intake->cache = NULL;
        const bool is_whole = intake->dataset->other_size_count == 0;
        if (status == CVY_OK && cache != NULL && cvy_cache_is_used(cache) && is_whole) {
            status = cvy_cache_store(cache, intake->dataset);
            if (status == CVY_OK)
                status = open_packed(cache, intake);
        }
    }
    cvy_cache_close(cache);
    return status;
}

static cvy_status open_path(cvy_intake *intake)
{
    const cvy_dataset_kind *kind = find_recognising(intake->where);

    if (kind == NULL) {
        const char *mistake = cvy_content_mistake(cvy_content_of(intake->where));
        return mistake != NULL ? cvy_fail(CVY_ERR_FORMAT, "%s: %s", intake->where, mistake)
                               : fail_unknown(intake->where);
    }
    name_by_path(intake->where, intake->dataset);
    return intake->options->memory_bytes > 0 ? read_limited(kind, intake) : read_by(kind, intake);
}

static cvy_status check_options(const cvy_dataset_options *o)
{
    if (o->threads < 1)
        return cvy_fail(CVY_ERR_SETTING, "threads: found 0, expected at least 1");
    if (o->resize_height > CVY_IMAGE_SIDE_MAX || o->resize_width > CVY_IMAGE_SIDE_MAX)
        return cvy_fail(CVY_ERR_SETTING, "resize: found %zux%zu, expected sides of at most %d",
                        o->resize_height, o->resize_width, CVY_IMAGE_SIDE_MAX);
    if (o->channels != 0 && o->channels != 1 && o->channels != 3)
        return cvy_fail(CVY_ERR_SETTING, "channels: found %zu, expected 1 or 3", o->channels);
    if (o->finds_ink && o->channels == 3)
        return cvy_fail(CVY_ERR_SETTING,
                        "finds_ink: characters are cut out in grey, but RGB images "
                        "are wanted");
    if ((o->resize_height == 0) != (o->resize_width == 0))
        return cvy_fail(CVY_ERR_SETTING,
                        "resize: found %zux%zu, expected both sides, or 0 for both",
                        o->resize_height, o->resize_width);
    if (o->polarity < CVY_POLARITY_NONE || o->polarity > CVY_POLARITY_DARK_ON_LIGHT)
        return cvy_fail(CVY_ERR_SETTING, "polarity: found %d, expected a cvy_polarity",
                        (int)o->polarity);
    if ((o->parts & CVY_PARTS_ALL) == 0 || (o->parts & ~(unsigned)CVY_PARTS_ALL) != 0)
        return cvy_fail(CVY_ERR_SETTING, "parts: found %#x, expected some of CVY_PARTS_ALL (%#x)",
                        o->parts, (unsigned)CVY_PARTS_ALL);
    if (o->class_names != NULL && (o->class_count < 1 || o->class_count > CVY_CLASSES_MAX))
        return cvy_fail(CVY_ERR_SETTING, "class_count: found %zu, expected 1 to %d", o->class_count,
                        CVY_CLASSES_MAX);
    return o->class_names != NULL ? cvy_class_names_check(o->class_names, o->class_count) : CVY_OK;
}

/* The defaults, overwritten by the caller's options, whose struct may be shorter than ours. */
static cvy_dataset_options take_options(const cvy_dataset_options *given)
{
    cvy_dataset_options taken;

    cvy_dataset_options_init(&taken);
    const size_t bytes = given->struct_bytes < sizeof taken ? given->struct_bytes : sizeof taken;
    memcpy(&taken, given, bytes);
    return taken;
}

void cvy_dataset_options_init_sized(cvy_dataset_options *options, size_t struct_bytes)
{
    const cvy_dataset_options defaults = { .struct_bytes = struct_bytes,
                                           .threads = 1,
                                           .parts = CVY_PARTS_ALL };

    if (options == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(options, 0, struct_bytes);
    memcpy(options, &defaults, struct_bytes < sizeof defaults ? struct_bytes : sizeof defaults);
}

cvy_status cvy_dataset_open_with(const char *where, const cvy_dataset_options *options,
                                 cvy_dataset **dataset)
{
    cvy_dataset *opened;

    CVY_REQUIRE(where);
    CVY_REQUIRE(options);
    CVY_REQUIRE(dataset);
    if (options->struct_bytes < sizeof options->struct_bytes)
        return cvy_fail(CVY_ERR_SETTING,
                        "options: expected what cvy_dataset_options_init() set up");
    const cvy_dataset_options taken = take_options(options);
    cvy_status status = check_options(&taken);
    if (status == CVY_OK)
        status = cvy_threads_prepare(taken.threads);
    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *opened, &opened);
    if (status != CVY_OK)
        return status;
    cvy_intake intake = { .where = where, .options = &taken, .dataset = opened };
    opened->references = 1;
    opened->resize_height = taken.resize_height;
    opened->resize_width = taken.resize_width;
    opened->wanted_channels = taken.channels;
    opened->finds_ink = taken.finds_ink;
    status = find_named(where) != NULL ? open_named(&intake) : open_path(&intake);
    if (status == CVY_OK)
        status = cvy_intake_order_classes(&intake);
    if (status != CVY_OK) {
        cvy_dataset_close(opened);
        return status;
    }
    *dataset = opened;
    return CVY_OK;
}

cvy_status cvy_dataset_open(const char *where, size_t threads, cvy_dataset **dataset)
{
    cvy_dataset_options options;

    cvy_dataset_options_init(&options);
    options.threads = threads;
    return cvy_dataset_open_with(where, &options, dataset);
}
