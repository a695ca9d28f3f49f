/* The public functions on a data set, independent of its source. */
#include "data/dataset.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mapped.h"
#include "base/memory.h"

static_assert((int)CVY_DIGEST_TEXT_BYTES == (int)CVY_DIGEST_HEX_BYTES, "one size of digest text");

const cvy_images *cvy_dataset_part_const(const cvy_dataset *dataset, cvy_split split)
{
    switch (split) {
    case CVY_SPLIT_TEST:
        return &dataset->test;
    case CVY_SPLIT_VALIDATION:
        return &dataset->validation;
    default:
        return &dataset->train;
    }
}

cvy_images *cvy_dataset_part(cvy_dataset *dataset, cvy_split split)
{
    return (cvy_images *)cvy_dataset_part_const(dataset, split);
}

bool cvy_split_is(cvy_split split)
{
    return split == CVY_SPLIT_TRAIN || split == CVY_SPLIT_TEST || split == CVY_SPLIT_VALIDATION;
}

const char *cvy_split_name(cvy_split split)
{
    static const char *const names[] = { "training", "test", "validation" };
    return names[split];
}

static bool is_mapped(const cvy_dataset *dataset, const void *memory)
{
    const char *first = dataset->mapping.bytes;
    return first != NULL && (const char *)memory >= first &&
           (const char *)memory < first + dataset->mapping.size;
}

void cvy_dataset_expect_random_order(const cvy_dataset *dataset)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const cvy_images *images = &dataset->train;

    for (size_t i = 0; i < dataset->parent_count; i++)
        cvy_dataset_expect_random_order(dataset->parents[i]);
    if (images->pixels == NULL || (images->spilled == 0 && !is_mapped(dataset, images->pixels)))
        return;
    const uintptr_t first = (uintptr_t)images->pixels / page * page;
    const uintptr_t end =
        (uintptr_t)images->pixels + images->count * cvy_dataset_image_bytes(dataset);
    madvise((void *)first, end - first, MADV_RANDOM); /* only advice, so a failure does no harm */
}

static void release_part(const cvy_dataset *dataset, cvy_images *images)
{
    if (images->spilled > 0)
        cvy_mapped_release(images->pixels, images->spilled);
    else if (!images->is_borrowed && !is_mapped(dataset, images->pixels))
        cvy_memory_free(images->pixels);
    if (!is_mapped(dataset, images->labels))
        cvy_memory_free(images->labels);
    cvy_memory_free((void *)images->list);
    *images = (cvy_images){ 0 };
}

void cvy_dataset_clear(cvy_dataset *dataset)
{
    for (int p = 0; p < CVY_PARTS; p++)
        release_part(dataset, cvy_dataset_part(dataset, (cvy_split)p));
    if (dataset->mapping.bytes != NULL)
        cvy_mapped_release(dataset->mapping.bytes, dataset->mapping.size);
    dataset->mapping = (cvy_mapping){ 0 };
    cvy_memory_free(dataset->class_names);
    dataset->class_names = NULL;
    dataset->height = dataset->width = dataset->channels = dataset->class_count = 0;
    dataset->left_out_count = dataset->other_size_count = 0;
    dataset->has_class_names = dataset->is_undivided = false;
    dataset->polarity = CVY_POLARITY_NONE;
}

void cvy_dataset_close(cvy_dataset *dataset)
{
    if (dataset == NULL || atomic_fetch_sub(&dataset->references, 1) > 1)
        return;
    cvy_dataset_clear(dataset);
    for (size_t i = 0; i < dataset->parent_count; i++)
        cvy_dataset_close(dataset->parents[i]);
    cvy_memory_free(dataset->parents);
    cvy_memory_free(dataset);
}

static cvy_dataset_info describe(const cvy_dataset *dataset)
{
    if (dataset == NULL)
        return (cvy_dataset_info){ 0 };
    return (cvy_dataset_info){
        .name = dataset->name,
        .train_count = dataset->train.count,
        .test_count = dataset->test.count,
        .validation_count = dataset->validation.count,
        .height = dataset->height,
        .width = dataset->width,
        .channels = dataset->channels,
        .class_count = dataset->class_count,
        .polarity = dataset->polarity,
        .is_undivided = dataset->is_undivided,
        .scaled_count = dataset->scaled_count,
    };
}

void cvy_dataset_describe_sized(const cvy_dataset *dataset, cvy_dataset_info *info,
                                size_t info_bytes)
{
    const cvy_dataset_info all = describe(dataset);

    if (info == NULL)
        return;
    memset(info, 0, info_bytes);
    memcpy(info, &all, info_bytes < sizeof all ? info_bytes : sizeof all);
}

static bool has_part(const cvy_dataset *dataset, cvy_split split)
{
    return dataset != NULL && cvy_split_is(split);
}

size_t cvy_dataset_count(const cvy_dataset *dataset, cvy_split split)
{
    return has_part(dataset, split) ? cvy_dataset_part_const(dataset, split)->count : 0;
}

size_t cvy_dataset_left_out_count(const cvy_dataset *dataset)
{
    return dataset != NULL ? dataset->left_out_count : 0;
}

const char *cvy_dataset_left_out(const cvy_dataset *dataset, size_t index)
{
    return index < cvy_dataset_left_out_count(dataset) && index < CVY_LEFT_OUT_NAMED
               ? dataset->left_out[index]
               : NULL;
}

const unsigned char *cvy_dataset_image(const cvy_dataset *dataset, cvy_split split, size_t index)
{
    if (index >= cvy_dataset_count(dataset, split))
        return NULL;
    const cvy_images *images = cvy_dataset_part_const(dataset, split);
    return cvy_images_at(images, cvy_dataset_image_bytes(dataset), index);
}

size_t cvy_dataset_label(const cvy_dataset *dataset, cvy_split split, size_t index)
{
    if (index >= cvy_dataset_count(dataset, split))
        return 0;
    return cvy_dataset_part_const(dataset, split)->labels[index];
}

const char *cvy_dataset_class_name(const cvy_dataset *dataset, size_t class_index)
{
    return dataset != NULL && class_index < dataset->class_count ? dataset->class_names[class_index]
                                                                 : NULL;
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

    for (size_t i = 0; images->list != NULL && i < images->count; i++)
        cvy_digest_add(digest, images->list[i], bytes_per_image);
    if (images->list == NULL && images->count > 0)
        cvy_digest_add(digest, images->pixels, images->count * bytes_per_image);
    for (size_t i = 0; i < images->count; i++) {
        pair[0] = (unsigned char)images->labels[i];
        pair[1] = (unsigned char)(images->labels[i] >> 8);
        cvy_digest_add(digest, pair, sizeof pair);
    }
}

cvy_status cvy_dataset_digest(const cvy_dataset *dataset, char text[CVY_DIGEST_TEXT_BYTES])
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(text);
    const size_t bytes = cvy_dataset_image_bytes(dataset);
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
    add_images(digest, &dataset->train, bytes);
    add_images(digest, &dataset->test, bytes);
    if (dataset->validation.count > 0) { /* without one, keep the digest of older versions */
        add_number(digest, dataset->validation.count);
        add_images(digest, &dataset->validation, bytes);
    }
    cvy_digest_finish(digest, text);
    return CVY_OK;
}
