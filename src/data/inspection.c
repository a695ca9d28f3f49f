/* Report what is unusual about a data set, in sentences. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "base/visible.h"
#include "convoy/dataset_files.h"
#include "data/dataset.h"

enum { FINDINGS_MAX = 10, SENTENCE_BYTES = 320, IMBALANCE = 10, SORTED_MIN = 20, DARK = 32 };

/* The report and the texts it points to, in one block. */
typedef struct {
    cvy_dataset_report report;
    const cvy_dataset_finding *list[FINDINGS_MAX];
    cvy_dataset_finding findings[FINDINGS_MAX];
    char sentences[FINDINGS_MAX][SENTENCE_BYTES];
} report_block;

typedef struct {
    const cvy_dataset *data;
    report_block *block;
    size_t *train, *test; /* [class_count] images of each class */
} inspection;

__attribute__((format(printf, 3, 4))) static void add(inspection *in, const char *name,
                                                      const char *format, ...)
{
    report_block *block = in->block;
    const size_t i = block->report.count++;
    va_list arguments;

    va_start(arguments, format);
    cvy_visible_format(block->sentences[i], SENTENCE_BYTES, format, arguments);
    va_end(arguments);
    block->findings[i] = (cvy_dataset_finding){ .name = name, .text = block->sentences[i] };
    block->list[i] = &block->findings[i];
}

/* List the classes for which `has` holds: "3, 5, 8 and 4 more". */
static size_t list_classes(const inspection *in, bool (*has)(const inspection *in, size_t c),
                           char *text, size_t size)
{
    size_t found = 0, used = 0;

    text[0] = '\0';
    for (size_t c = 0; c < in->data->class_count; c++)
        if (has(in, c) && ++found <= 5 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%.24s", found > 1 ? ", " : "",
                                     in->data->class_names[c]);
    if (found > 5 && used < size)
        snprintf(text + used, size - used, " and %zu more", found - 5);
    return found;
}

static bool is_untrained(const inspection *in, size_t c)
{
    return in->train[c] == 0 && in->test[c] == 0;
}

static bool is_only_tested(const inspection *in, size_t c)
{
    return in->train[c] == 0 && in->test[c] > 0;
}

static bool is_trained(const inspection *in, size_t c)
{
    return in->train[c] > 0;
}

static void look_at_classes(inspection *in)
{
    char list[160];
    size_t least = SIZE_MAX, most = 0, rarest = 0, first = 0;
    const cvy_dataset *d = in->data;

    /* with most pictures left out for their size, the classes of the others say nothing */
    if (d->train.count == 0 || d->other_size_count > d->train.count + d->test.count)
        return;
    const size_t present = list_classes(in, is_trained, list, sizeof list);
    if (present == 1)
        add(in, "one_class", "all training images are of the class %s", list);
    if (list_classes(in, is_only_tested, list, sizeof list) > 0)
        add(in, "untrained_classes", "test images, but no training images of %s", list);
    for (size_t c = 0; c < d->class_count; c++) {
        if (in->train[c] == 0)
            continue;
        if (in->train[c] < least)
            rarest = c;
        least = in->train[c] < least ? in->train[c] : least;
        most = in->train[c] > most ? in->train[c] : most;
    }
    if (present > 1 && most > IMBALANCE * least)
        add(in, "imbalance",
            "%zu training images of the class %s, %zu of the largest: --class-weight balanced "
            "evens "
            "that out",
            least, d->class_names[rarest], most);
    while (first < d->class_count && is_untrained(in, first))
        first++;
    if (!d->has_class_names && first > 0 && first < d->class_count)
        add(in, "labels_not_from_0", "labels begin at %zu: an output is wasted on each label below",
            first);
    else if (list_classes(in, is_untrained, list, sizeof list) > 0)
        add(in, "empty_classes", "no images of %s", list);
}

/* In a data set sorted by class, a cut at either end removes images of one class. */
static void look_at_order(inspection *in)
{
    const cvy_images *train = &in->data->train;
    size_t changes = 0, present = 0;

    for (size_t c = 0; c < in->data->class_count; c++)
        present += in->train[c] > 0;
    for (size_t i = 1; i < train->count; i++)
        changes += train->labels[i] != train->labels[i - 1];
    if (present > 1 && train->count >= SORTED_MIN && changes == present - 1)
        add(in, "class_sorted",
            "the training images are sorted by class: --limit takes the first classes only");
}

static void look_at_pixels(inspection *in)
{
    const cvy_images *images = in->data->train.count > 0 ? &in->data->train : &in->data->test;
    const size_t bytes = cvy_dataset_image_bytes(in->data);
    uint8_t largest = 0;

    for (size_t i = 0; i < images->count && largest < DARK; i++) {
        const uint8_t *pixels = cvy_images_at(images, bytes, i);
        for (size_t p = 0; p < bytes; p++)
            largest = pixels[p] > largest ? pixels[p] : largest;
    }
    if (images->count > 0 && largest < DARK)
        add(in, "dark_pixels", "no pixel is above %u, expected 0 to 255: were they divided by %s?",
            largest, largest < 2 ? "255" : "a number");
}

/* ---- duplicates ---- */

typedef struct {
    uint64_t hash;
    size_t index;
} hashed;

/* FNV-1a over words of eight bytes. Images with equal hashes are compared byte by byte. */
static uint64_t hash_image(const uint8_t *pixels, size_t bytes)
{
    uint64_t hash = 0xcbf29ce484222325U, word;
    size_t i = 0;

    for (; i + sizeof word <= bytes; i += sizeof word) {
        memcpy(&word, pixels + i, sizeof word);
        hash = (hash ^ word) * 0x100000001b3U;
        hash ^= hash >> 29;
    }
    for (; i < bytes; i++)
        hash = (hash ^ pixels[i]) * 0x100000001b3U;
    return hash;
}

static int compare_hashes(const void *a, const void *b)
{
    const hashed *first = a, *second = b;
    return (first->hash > second->hash) - (first->hash < second->hash);
}

static size_t count_shared(const cvy_images *train, const cvy_images *test, size_t bytes,
                           const hashed *sorted)
{
    size_t shared = 0;

    for (size_t i = 0; i < test->count; i++) {
        const uint8_t *pixels = cvy_images_at(test, bytes, i);
        const hashed key = { .hash = hash_image(pixels, bytes) };
        const hashed *found = bsearch(&key, sorted, train->count, sizeof *sorted, compare_hashes);
        shared +=
            found != NULL && memcmp(cvy_images_at(train, bytes, found->index), pixels, bytes) == 0;
    }
    return shared;
}

static cvy_status look_for_duplicates(inspection *in)
{
    const cvy_images *train = &in->data->train, *test = &in->data->test;
    const size_t bytes = cvy_dataset_image_bytes(in->data);
    hashed *sorted;

    if (train->count == 0 || test->count == 0)
        return CVY_OK;
    cvy_status status = cvy_memory_create(train->count, sizeof *sorted, &sorted);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < train->count; i++)
        sorted[i] = (hashed){ hash_image(cvy_images_at(train, bytes, i), bytes), i };
    qsort(sorted, train->count, sizeof *sorted, compare_hashes);
    const size_t shared = count_shared(train, test, bytes, sorted);
    cvy_memory_free(sorted);
    if (shared > 0)
        add(in, "duplicates", "%zu of the %zu test images are training images as well", shared,
            test->count);
    return CVY_OK;
}

/* ---- the report ---- */

static void count_images(const cvy_images *images, size_t *counts)
{
    for (size_t i = 0; i < images->count; i++)
        counts[images->labels[i]]++;
}

/* Pictures that cannot be read, or not together with the others. */
static void look_at_left_out(inspection *in)
{
    const cvy_dataset *d = in->data;
    const size_t count = d->other_size_count;
    char names[CVY_OTHER_SIZES_NAMED * 72] = "";
    size_t used = 0;

    if (d->left_out_count > 0)
        add(in, "left_out", "%zu picture%s left out, the first: %.160s", d->left_out_count,
            cvy_plural(d->left_out_count), d->left_out[0]);
    for (size_t i = 0; i < CVY_OTHER_SIZES_NAMED && i < count; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%.68s", i > 0 ? ", " : "",
                                 d->other_sizes[i]);
    if (count > CVY_OTHER_SIZES_NAMED)
        snprintf(names + used, sizeof names - used, ", ...");
    if (count > 0)
        add(in, "other_sizes",
            "%zu picture%s not %zu x %zu as the others (%s): training needs --resize HxW, "
            "or --find-ink for a character in each",
            count, count == 1 ? " is" : "s are", d->height, d->width, names);
}

static cvy_status inspect(inspection *in)
{
    cvy_status status = cvy_memory_create(in->data->class_count, sizeof *in->train, &in->train);

    if (status == CVY_OK)
        status = cvy_memory_create(in->data->class_count, sizeof *in->test, &in->test);
    if (status != CVY_OK)
        return status;
    count_images(&in->data->train, in->train);
    count_images(&in->data->test, in->test);
    look_at_pixels(in);
    status = look_for_duplicates(in);
    look_at_classes(in);
    look_at_order(in);
    look_at_left_out(in);
    return status;
}

cvy_status cvy_dataset_check(const cvy_dataset *dataset, cvy_dataset_report **report)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(report);
    inspection in = { .data = dataset };
    cvy_status status = cvy_memory_create(1, sizeof *in.block, &in.block);

    if (status == CVY_OK)
        status = inspect(&in);
    cvy_memory_free(in.train);
    cvy_memory_free(in.test);
    if (status != CVY_OK) {
        cvy_memory_free(in.block);
        return status;
    }
    in.block->report.findings = in.block->list;
    *report = &in.block->report;
    return CVY_OK;
}

void cvy_dataset_report_destroy(cvy_dataset_report *report)
{
    cvy_memory_free(report);
}
