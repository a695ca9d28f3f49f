/* The list of data set kinds, and the public functions over whatever one of them has opened. */
#include "data/dataset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/memory.h"

static_assert((int)CVY_DIGEST_TEXT_BYTES == (int)CVY_DIGEST_HEX_BYTES, "one size of digest text");
static_assert(offsetof(cvy_dataset_kind, kind) == 0, "the list holds the first members");

const cvy_kind *const cvy_dataset_kinds[] = { &cvy_dataset_digits.kind, &cvy_dataset_idx.kind,
                                              NULL };

static const cvy_dataset_kind *kind_at(size_t i)
{
    return (const cvy_dataset_kind *)cvy_dataset_kinds[i];
}

/* The kind that is asked for by name: where is "name" or "name:settings". */
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
    for (size_t i = 0; cvy_dataset_kinds[i] != NULL; i++)
        if (kind_at(i)->recognises != NULL && kind_at(i)->recognises(path))
            return kind_at(i);
    return NULL;
}

/* Why nothing could be opened, with what there is to choose from. */
static cvy_status fail_unknown(const char *where)
{
    const char *names[8];
    char list[256] = "", typed[CVY_NAME_BYTES];
    size_t count = 0, used = 0;
    struct stat about;
    bool exists = stat(where, &about) == 0;

    for (size_t i = 0; cvy_dataset_kinds[i] != NULL; i++) {
        const cvy_kind *kind = cvy_dataset_kinds[i];
        bool is_named = kind_at(i)->recognises == NULL;
        if (is_named && count < sizeof names / sizeof *names)
            names[count++] = kind->name;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s%s%s",
                                     used > 0 ? ", " : "", is_named ? kind->name : kind->summary,
                                     is_named ? ": " : "", is_named ? kind->summary : "");
    }
    if (exists)
        return cvy_fail(CVY_ERR_FORMAT, "%s: not a data set that can be read; known are %s", where,
                        list);
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(where, ":"), where);
    const char *nearest = cvy_nearest_name(typed, names, count);
    return cvy_fail(CVY_ERR_OPEN,
                    "%s: neither a built-in data set nor an existing path; known are %s%s%s%s",
                    where, list, nearest != NULL ? "\nDid you mean " : "",
                    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

/* A data set read from a path is called by the last part of it: "mnist". */
static void name_by_path(const char *path, cvy_dataset *dataset)
{
    char *resolved = realpath(path, NULL);
    const char *whole = resolved != NULL ? resolved : path;
    const char *slash = strrchr(whole, '/');

    snprintf(dataset->name, sizeof dataset->name, "%s",
             slash != NULL && slash[1] != '\0' ? slash + 1 : whole);
    free(resolved);
}

/* What every later step relies on, whatever kind has filled it in. */
static void assert_complete(const cvy_dataset *dataset)
{
    assert(dataset->height > 0 && dataset->width > 0 && dataset->channels > 0);
    assert(dataset->class_count > 1 && dataset->class_count <= CVY_CLASSES_MAX);
    assert(dataset->train.count > 0 && dataset->test.count > 0);
    assert(dataset->class_names != NULL);
    (void)dataset;
}

static cvy_status open_named(const char *where, size_t threads, cvy_dataset *dataset)
{
    const cvy_kind *kind;
    void *settings;

    cvy_status status = cvy_spec_read("data set", where, cvy_dataset_kinds, &kind, &settings);
    if (status != CVY_OK)
        return status;
    snprintf(dataset->name, sizeof dataset->name, "%s", kind->name);
    status = ((const cvy_dataset_kind *)kind)->open(where, settings, threads, dataset);
    cvy_memory_free(settings);
    return status;
}

static cvy_status open_path(const char *where, size_t threads, cvy_dataset *dataset)
{
    const cvy_dataset_kind *kind = find_recognising(where);

    if (kind == NULL)
        return fail_unknown(where);
    name_by_path(where, dataset);
    return kind->open(where, NULL, threads, dataset);
}

cvy_status cvy_dataset_open(const char *where, size_t threads, cvy_dataset **dataset)
{
    cvy_dataset *opened;

    assert(where != NULL && threads > 0 && dataset != NULL);
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);
    if (status != CVY_OK)
        return status;
    status = find_named(where) != NULL ? open_named(where, threads, opened)
                                       : open_path(where, threads, opened);
    if (status != CVY_OK) {
        cvy_dataset_close(opened);
        return status;
    }
    assert_complete(opened);
    *dataset = opened;
    return CVY_OK;
}

void cvy_dataset_close(cvy_dataset *dataset)
{
    if (dataset == NULL)
        return;
    cvy_memory_free(dataset->train.pixels);
    cvy_memory_free(dataset->train.labels);
    cvy_memory_free(dataset->test.pixels);
    cvy_memory_free(dataset->test.labels);
    cvy_memory_free(dataset->class_names);
    cvy_memory_free(dataset);
}

cvy_dataset_info cvy_dataset_describe(const cvy_dataset *dataset)
{
    return (cvy_dataset_info){
        .name = dataset->name,
        .train_count = dataset->train.count,
        .test_count = dataset->test.count,
        .height = dataset->height,
        .width = dataset->width,
        .channels = dataset->channels,
        .class_count = dataset->class_count,
    };
}

static const cvy_images *images_of(const cvy_dataset *dataset, cvy_split split)
{
    return split == CVY_SPLIT_TRAIN ? &dataset->train : &dataset->test;
}

static size_t image_bytes(const cvy_dataset *dataset)
{
    return dataset->height * dataset->width * dataset->channels;
}

const unsigned char *cvy_dataset_image(const cvy_dataset *dataset, cvy_split split, size_t index)
{
    const cvy_images *images = images_of(dataset, split);

    assert(index < images->count);
    return images->pixels + index * image_bytes(dataset);
}

size_t cvy_dataset_label(const cvy_dataset *dataset, cvy_split split, size_t index)
{
    const cvy_images *images = images_of(dataset, split);

    assert(index < images->count);
    return images->labels[index];
}

const char *cvy_dataset_class_name(const cvy_dataset *dataset, size_t class_index)
{
    assert(class_index < dataset->class_count);
    return dataset->class_names[class_index];
}

/* Numbers are hashed as little-endian bytes, so that the digest is the same on every machine. */
static void add_number(cvy_digest *digest, size_t number)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    cvy_digest_add(digest, bytes, sizeof bytes);
}

static void add_images(cvy_digest *digest, const cvy_images *images, size_t bytes_per_image)
{
    unsigned char pair[2];

    cvy_digest_add(digest, images->pixels, images->count * bytes_per_image);
    for (size_t i = 0; i < images->count; i++) {
        pair[0] = (unsigned char)images->labels[i];
        pair[1] = (unsigned char)(images->labels[i] >> 8);
        cvy_digest_add(digest, pair, sizeof pair);
    }
}

cvy_status cvy_dataset_digest(const cvy_dataset *dataset, char text[CVY_DIGEST_TEXT_BYTES])
{
    cvy_digest *digest;

    cvy_status status = cvy_digest_create(&digest);
    if (status != CVY_OK)
        return status;
    add_number(digest, dataset->height);
    add_number(digest, dataset->width);
    add_number(digest, dataset->channels);
    add_number(digest, dataset->class_count);
    add_number(digest, dataset->train.count);
    add_number(digest, dataset->test.count);
    add_images(digest, &dataset->train, image_bytes(dataset));
    add_images(digest, &dataset->test, image_bytes(dataset));
    cvy_digest_finish(digest, text);
    return CVY_OK;
}
