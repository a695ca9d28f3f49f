#include "data/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "data/fit.h"
#include "data/spill.h"

bool cvy_intake_wants(const cvy_intake *intake, cvy_split split)
{
    return (intake->options->parts & 1U << split) != 0;
}

cvy_split cvy_intake_undivided(cvy_intake *intake)
{
    intake->dataset->is_undivided = true;
    return cvy_intake_wants(intake, CVY_SPLIT_TRAIN)  ? CVY_SPLIT_TRAIN
           : cvy_intake_wants(intake, CVY_SPLIT_TEST) ? CVY_SPLIT_TEST
                                                      : CVY_SPLIT_VALIDATION;
}

static cvy_form form_of(const cvy_dataset *dataset)
{
    return (cvy_form){ dataset->height, dataset->width, dataset->channels };
}

/* A part announced earlier, other than `split`; it has the data set's form. */
static cvy_split other_part(const cvy_intake *intake, cvy_split split)
{
    for (int other = 0; other < CVY_PARTS; other++)
        if (other != (int)split && intake->forms[other].height > 0)
            return (cvy_split)other;
    return split;
}

static cvy_status check_form(cvy_intake *intake, cvy_split split, cvy_form found)
{
    cvy_dataset *dataset = intake->dataset;

    if (found.height > CVY_IMAGE_SIDE_MAX || found.width > CVY_IMAGE_SIDE_MAX)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: images of %zu x %zu, expected sides of at most %d\nuse --resize HxW",
                        intake->where, found.height, found.width, CVY_IMAGE_SIDE_MAX);
    if (dataset->height == 0) {
        dataset->height = found.height;
        dataset->width = found.width;
        dataset->channels = found.channels;
        return CVY_OK;
    }
    if (cvy_form_is(found, form_of(dataset)))
        return CVY_OK;
    const cvy_split other = other_part(intake, split);
    const bool is_size = found.height != dataset->height || found.width != dataset->width;
    if (is_size)
        return cvy_fail(
            CVY_ERR_DATA,
            "%s: the %s images are %zu x %zu, the %s images %zu x %zu\nuse --resize HxW",
            intake->where, cvy_split_name(other), dataset->height, dataset->width,
            cvy_split_name(split), found.height, found.width);
    return cvy_fail(CVY_ERR_DATA,
                    "%s: the %s images have %zu channels, the %s images %zu\nuse --grayscale",
                    intake->where, cvy_split_name(other), dataset->channels, cvy_split_name(split),
                    found.channels);
}

/* Map memory to a file, which the system writes out when memory runs short. */
static cvy_status map_pixels(const cvy_intake *intake, size_t bytes, cvy_images *images)
{
    cvy_status status = intake->cache != NULL ? cvy_cache_add(intake->cache, bytes, &images->pixels)
                                              : cvy_spill_create(bytes, &images->pixels);

    images->spilled = status == CVY_OK ? bytes : 0;
    return status;
}

static bool fits_memory(const cvy_intake *intake, size_t bytes)
{
    const size_t limit = intake->options->memory_bytes;
    return limit == 0 || (intake->held <= limit && bytes <= limit - intake->held);
}

/* Allocate the pixels of a part; beyond the user's memory limit they are mapped to a file. */
static cvy_status create_pixels(cvy_intake *intake, size_t count, cvy_images *images)
{
    size_t bytes;

    if (!cvy_size_multiply(count, cvy_dataset_image_bytes(intake->dataset), &bytes))
        return cvy_fail(CVY_ERR_MEMORY, "%s: %zu images are more than any memory holds",
                        intake->where, count);
    if (!fits_memory(intake, bytes))
        return map_pixels(intake, bytes, images);
    intake->held += bytes;
    return cvy_memory_create(bytes, 1, &images->pixels);
}

cvy_status cvy_intake_begin(cvy_intake *intake, cvy_split split, size_t count, cvy_form form,
                            cvy_images **part)
{
    cvy_images *images = cvy_dataset_part(intake->dataset, split);

    assert(count > 0 && form.height > 0 && form.width > 0 && images->count == 0);
    cvy_status status = check_form(intake, split, cvy_fit_form(intake->options, form));
    if (status == CVY_OK)
        status = create_pixels(intake, count, images);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *images->labels, &images->labels);
    if (status != CVY_OK)
        return status;
    images->count = count;
    intake->forms[split] = form;
    *part = images;
    return CVY_OK;
}

void cvy_intake_put(cvy_intake *intake, cvy_split split, size_t first, size_t count,
                    const uint8_t *pixels)
{
    const cvy_form form = intake->forms[split];
    const size_t bytes = form.height * form.width * form.channels;

    assert(first + count <= cvy_dataset_part(intake->dataset, split)->count);
    if (cvy_form_is(form, form_of(intake->dataset))) {
        memcpy(cvy_dataset_part(intake->dataset, split)->pixels + first * bytes, pixels,
               count * bytes);
        return;
    }
#pragma omp parallel for num_threads((int)intake->options->threads) schedule(static) if (count > 1)
    for (size_t i = 0; i < count; i++)
        cvy_intake_put_one(intake, split, first + i, pixels + i * bytes, form);
}

void cvy_intake_put_one(cvy_intake *intake, cvy_split split, size_t index, const uint8_t *pixels,
                        cvy_form form)
{
    cvy_fit_image(pixels, form,
                  cvy_dataset_part(intake->dataset, split)->pixels +
                      index * cvy_dataset_image_bytes(intake->dataset),
                  form_of(intake->dataset));
}

bool cvy_intake_fits(const cvy_intake *intake, cvy_form form)
{
    return cvy_form_is(cvy_fit_form(intake->options, form), form_of(intake->dataset));
}

void cvy_intake_leave_out(cvy_intake *intake, const char *sentence)
{
    cvy_dataset *dataset = intake->dataset;

    if (dataset->left_out_count < CVY_LEFT_OUT_NAMED)
        snprintf(dataset->left_out[dataset->left_out_count], sizeof *dataset->left_out, "%s",
                 sentence);
    dataset->left_out_count++;
}

void cvy_intake_leave_out_size(cvy_intake *intake, const char *found)
{
    cvy_dataset *dataset = intake->dataset;

    if (dataset->other_size_count < CVY_OTHER_SIZES_NAMED)
        snprintf(dataset->other_sizes[dataset->other_size_count], sizeof *dataset->other_sizes,
                 "%s", found);
    dataset->other_size_count++;
}

cvy_status cvy_intake_check_left_out(const cvy_intake *intake)
{
    const cvy_dataset *dataset = intake->dataset;

    if (!intake->options->is_strict || dataset->left_out_count == 0)
        return CVY_OK;
    if (dataset->left_out_count == 1)
        return cvy_fail(CVY_ERR_DATA, "%s", dataset->left_out[0]);
    return cvy_fail(CVY_ERR_DATA, "%s (and %zu more that cannot be read)", dataset->left_out[0],
                    dataset->left_out_count - 1);
}

void cvy_intake_move(cvy_intake *intake, cvy_split split, size_t from, size_t to)
{
    cvy_images *images = cvy_dataset_part(intake->dataset, split);
    const size_t bytes = cvy_dataset_image_bytes(intake->dataset);

    assert(to <= from && from < images->count);
    images->labels[to] = images->labels[from];
    memmove(images->pixels + to * bytes, images->pixels + from * bytes, bytes);
}

void cvy_intake_shorten(cvy_intake *intake, cvy_split split, size_t count)
{
    cvy_images *images = cvy_dataset_part(intake->dataset, split);

    assert(count <= images->count);
    images->count = count;
}

void cvy_intake_expect(cvy_intake *intake, size_t count)
{
    intake->steps += count;
}

void cvy_intake_progress(cvy_intake *intake, size_t count)
{
    const cvy_dataset_options *options = intake->options;

    if (options->on_progress == NULL)
        return;
#pragma omp critical
    {
        intake->done += count;
        options->on_progress(options->context, intake->done, intake->steps);
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

cvy_status cvy_class_names_check(const char *const *names, size_t count)
{
    const char **sorted;

    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL)
            return cvy_fail(CVY_ERR_SETTING, "class_names[%zu] is NULL", i);
    cvy_status status = cvy_memory_create(count, sizeof *sorted, &sorted);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        sorted[i] = names[i];
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (size_t i = 1; status == CVY_OK && i < count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status = cvy_fail(CVY_ERR_SETTING, "class_names: found \"%s\" twice", sorted[i]);
    cvy_memory_free(sorted);
    return status;
}

/* Names that were cut may have become equal. */
static cvy_status check_kept_names(const cvy_intake *intake)
{
    const cvy_dataset *dataset = intake->dataset;
    const char **names;
    cvy_status status = cvy_memory_create(dataset->class_count, sizeof *names, &names);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < dataset->class_count; i++)
        names[i] = dataset->class_names[i];
    status = cvy_class_names_check(names, dataset->class_count);
    cvy_memory_free(names);
    if (status != CVY_ERR_SETTING)
        return status;
    return cvy_fail(
        CVY_ERR_DATA,
        "%s: two classes have names that differ only after %d bytes, or in bytes that are not "
        "UTF-8; expected names that differ before",
        intake->where, CVY_CLASS_NAME_BYTES - 1);
}

cvy_status cvy_intake_name_classes(cvy_intake *intake, size_t count, const char *const *names)
{
    cvy_dataset *dataset = intake->dataset;

    if (count < 2 && intake->options->class_names == NULL)
        return cvy_fail(CVY_ERR_DATA, "%s: one class only (%s), expected at least two",
                        intake->where, names != NULL && count > 0 ? names[0] : "0");
    if (count > CVY_CLASSES_MAX)
        return cvy_fail(CVY_ERR_DATA, "%s: %zu classes, expected at most %d", intake->where, count,
                        CVY_CLASSES_MAX);
    bool is_changed = false;
    cvy_memory_free(dataset->class_names);
    dataset->class_count = count;
    dataset->has_class_names = names != NULL;
    cvy_status status =
        cvy_memory_create(count, sizeof *dataset->class_names, &dataset->class_names);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        is_changed = !cvy_utf8_fit(dataset->class_names[i], CVY_CLASS_NAME_BYTES,
                                   names != NULL ? names[i] : number) ||
                     is_changed;
    }
    return status == CVY_OK && is_changed ? check_kept_names(intake) : status;
}

static cvy_status check_labels(const cvy_intake *intake)
{
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++)
            if (images->labels[i] >= intake->dataset->class_count)
                return cvy_fail(CVY_ERR_DATA,
                                "%s: %s image %zu has the label %u, expected one below %zu",
                                intake->where, cvy_split_name((cvy_split)p), i, images->labels[i],
                                intake->dataset->class_count);
    }
    return CVY_OK;
}

static bool are_numbers(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i][0] == '\0' || names[i][strspn(names[i], "0123456789")] != '\0')
            return false;
    return true;
}

static size_t find_name(const cvy_dataset_options *options, const char *name)
{
    size_t i = 0;
    while (i < options->class_count && strcmp(options->class_names[i], name) != 0)
        i++;
    return i;
}

/* For each class of the data set, its index among the requested classes; their class_count if it is
 * none of them. */
static void match_classes(const cvy_intake *intake, size_t *place)
{
    const cvy_dataset_options *options = intake->options;
    const cvy_dataset *dataset = intake->dataset;
    const bool by_name =
        dataset->has_class_names || are_numbers(options->class_names, options->class_count);

    for (size_t c = 0; c < dataset->class_count; c++)
        place[c] = by_name                    ? find_name(options, dataset->class_names[c])
                   : c < options->class_count ? c
                                              : options->class_count;
}

static cvy_status move_labels(const cvy_intake *intake, const size_t *place)
{
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++) {
            const uint16_t label = images->labels[i];
            if (place[label] == intake->options->class_count)
                return cvy_fail(CVY_ERR_DATA,
                                "%s: the class %s is not among the %zu classes of the model (%s%s)",
                                intake->where, intake->dataset->class_names[label],
                                intake->options->class_count, intake->options->class_names[0],
                                intake->options->class_count > 1 ? ", ..." : "");
            images->labels[i] = (uint16_t)place[label];
        }
    }
    return CVY_OK;
}

cvy_status cvy_intake_order_classes(cvy_intake *intake)
{
    size_t *place;

    if (intake->options->class_names == NULL)
        return CVY_OK;
    cvy_status status = cvy_memory_create(intake->dataset->class_count, sizeof *place, &place);

    if (status == CVY_OK) {
        match_classes(intake, place);
        status = move_labels(intake, place);
    }
    cvy_memory_free(place);
    return status == CVY_OK ? cvy_intake_name_classes(intake, intake->options->class_count,
                                                      intake->options->class_names)
                            : status;
}

/* Pixels owned by the caller or a file are copied before they are changed. */
static cvy_status own_pixels(cvy_intake *intake, cvy_images *images)
{
    const uint8_t *borrowed = images->pixels;

    if (!images->is_borrowed || images->count == 0)
        return CVY_OK;
    cvy_status status = create_pixels(intake, images->count, images);
    if (status != CVY_OK)
        return status;
    memcpy(images->pixels, borrowed, images->count * cvy_dataset_image_bytes(intake->dataset));
    images->is_borrowed = false;
    return CVY_OK;
}

static cvy_status invert(cvy_intake *intake, cvy_polarity wanted)
{
    cvy_dataset *dataset = intake->dataset;
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = own_pixels(intake, cvy_dataset_part(dataset, (cvy_split)p));
    if (status != CVY_OK)
        return status;
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count * cvy_dataset_image_bytes(dataset); i++)
            images->pixels[i] = (uint8_t)(255 - images->pixels[i]);
    }
    dataset->polarity = wanted;
    return CVY_OK;
}

cvy_status cvy_intake_settle(cvy_intake *intake)
{
    cvy_dataset *dataset = intake->dataset;
    cvy_status status = check_labels(intake);

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(dataset, (cvy_split)p);
        if (images->count > 0 && dataset->polarity == CVY_POLARITY_NONE)
            dataset->polarity = cvy_polarity_of(dataset, images);
    }
    const cvy_polarity wanted = intake->options->polarity;
    if (status == CVY_OK && wanted != CVY_POLARITY_NONE && dataset->polarity != CVY_POLARITY_NONE &&
        wanted != dataset->polarity)
        status = invert(intake, wanted);
    return status;
}
