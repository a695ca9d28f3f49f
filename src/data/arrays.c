/* Build a data set from arrays in memory. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "data/intake.h"

/* The caller's arrays, and the data set made from them. */
typedef struct {
    cvy_arrays arrays;
    cvy_intake intake;
} conversion;

enum {
    FIRST_PART = offsetof(cvy_arrays, train),
    PARTS_END = FIRST_PART + CVY_PARTS * sizeof(cvy_array_part),
    PART_BYTES_0_1 = offsetof(cvy_array_part, labels) + sizeof(uint16_t *)
};

void cvy_arrays_init_parts(cvy_arrays *arrays, size_t struct_bytes, size_t part_bytes)
{
    const cvy_arrays defaults = {
        .struct_bytes = struct_bytes,
        .name = "arrays",
        .channels = 1,
        .low = 0,
        .high = 1,
        .part_bytes = (unsigned)part_bytes,
    };

    if (arrays == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(arrays, 0, struct_bytes);
    memcpy(arrays, &defaults, struct_bytes < FIRST_PART ? struct_bytes : FIRST_PART);
}

void cvy_arrays_init_sized(cvy_arrays *arrays, size_t struct_bytes)
{
    cvy_arrays_init_parts(arrays, struct_bytes, PART_BYTES_0_1);
}

/* Copy as much of a piece of the struct as the caller's header declares; the rest is 0. */
static void take(const cvy_arrays *given, size_t begin, size_t bytes, void *piece,
                 size_t piece_bytes)
{
    const size_t left = given->struct_bytes > begin ? given->struct_bytes - begin : 0;
    const size_t known = bytes < left ? bytes : left;

    memset(piece, 0, piece_bytes);
    memcpy(piece, (const char *)given + begin, known < piece_bytes ? known : piece_bytes);
}

/* Convert the caller's struct, whose parts may have another size, to this library's. */
static cvy_status read_arrays(const cvy_arrays *given, cvy_arrays *arrays)
{
    if (given == NULL || given->struct_bytes < FIRST_PART || given->part_bytes < PART_BYTES_0_1 ||
        given->part_bytes > 4096)
        return cvy_fail(CVY_ERR_SETTING,
                        "arrays: found %s, expected a cvy_arrays that cvy_arrays_init() has set up",
                        given == NULL ? "NULL" : "one of another size");
    cvy_array_part *const parts[] = { &arrays->train, &arrays->validation, &arrays->test };
    take(given, 0, FIRST_PART, arrays, sizeof *arrays);
    for (size_t p = 0; p < CVY_PARTS; p++)
        take(given, FIRST_PART + p * given->part_bytes, given->part_bytes, parts[p],
             sizeof *parts[p]);
    take(given, FIRST_PART + CVY_PARTS * (size_t)given->part_bytes, sizeof *arrays - PARTS_END,
         (char *)arrays + PARTS_END, sizeof *arrays - PARTS_END);
    return CVY_OK;
}

static const cvy_array_part *part_of(const cvy_arrays *arrays, cvy_split split)
{
    return split == CVY_SPLIT_TRAIN  ? &arrays->train
           : split == CVY_SPLIT_TEST ? &arrays->test
                                     : &arrays->validation;
}

static cvy_status check_part(const cvy_arrays *a, cvy_split split)
{
    const cvy_array_part *part = part_of(a, split);
    size_t bytes;

    if (part->count == 0)
        return CVY_OK;
    if ((part->bytes == NULL) == (part->floats == NULL))
        return cvy_fail(CVY_ERR_SETTING, "%s: %s: found %s, expected either bytes or floats",
                        a->name, cvy_split_name(split), part->bytes == NULL ? "neither" : "both");
    if (part->labels == NULL)
        return cvy_fail(CVY_ERR_SETTING, "%s: %s: labels is NULL", a->name, cvy_split_name(split));
    if (!cvy_size_multiply(part->count, a->height * a->width * a->channels * sizeof(float), &bytes))
        return cvy_fail(CVY_ERR_SETTING, "%s: %s: %zu images, an impossible number", a->name,
                        cvy_split_name(split), part->count);
    return CVY_OK;
}

static cvy_status check_arrays(const cvy_arrays *a)
{
    cvy_status status = CVY_OK;

    if (a->name == NULL)
        return cvy_fail(CVY_ERR_SETTING, "arrays: name is NULL");
    if (a->height < 1 || a->height > CVY_IMAGE_SIDE_MAX || a->width < 1 ||
        a->width > CVY_IMAGE_SIDE_MAX)
        return cvy_fail(CVY_ERR_SETTING, "%s: images of %zu x %zu, expected sides of 1 to %d",
                        a->name, a->height, a->width, CVY_IMAGE_SIDE_MAX);
    if (a->channels != 1 && a->channels != 3)
        return cvy_fail(CVY_ERR_SETTING, "%s: %zu channels, expected 1 or 3", a->name, a->channels);
    if (!(isfinite(a->low) && isfinite(a->high) && a->low < a->high))
        return cvy_fail(CVY_ERR_SETTING, "%s: low %g and high %g, expected low < high", a->name,
                        a->low, a->high);
    if (a->train.count + a->test.count + a->validation.count == 0)
        return cvy_fail(CVY_ERR_SETTING, "%s: no images in any part", a->name);
    if (a->class_names != NULL && a->class_count == 0)
        return cvy_fail(CVY_ERR_SETTING, "%s: class_names without class_count", a->name);
    if (a->class_names != NULL && a->class_count <= CVY_CLASSES_MAX)
        status = cvy_class_names_check(a->class_names, a->class_count);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = check_part(a, (cvy_split)p);
    return status;
}

static cvy_status convert_floats(const cvy_arrays *a, cvy_split split, size_t count, uint8_t *bytes)
{
    const float *floats = part_of(a, split)->floats;
    const size_t image = a->height * a->width * a->channels;

    for (size_t i = 0; i < count * image; i++) {
        const double value = ((double)floats[i] - a->low) / (a->high - a->low);
        if (!(value >= 0 && value <= 1))
            return cvy_fail(
                CVY_ERR_DATA, "%s: %s image %zu: found the pixel %g, expected one in [%g, %g]",
                a->name, cvy_split_name(split), i / image, (double)floats[i], a->low, a->high);
        bytes[i] = (uint8_t)lround(value * 255);
    }
    return CVY_OK;
}

static cvy_status take_part(conversion *c, cvy_split split)
{
    const cvy_arrays *a = &c->arrays;
    const cvy_array_part *part = part_of(a, split);
    const cvy_form form = { a->height, a->width, a->channels };
    cvy_images *images = cvy_dataset_part(c->intake.dataset, split);

    if (part->count == 0)
        return CVY_OK;
    if (a->is_borrowed && part->bytes != NULL) {
        cvy_status status = cvy_memory_create(part->count, sizeof *images->labels, &images->labels);
        if (status != CVY_OK)
            return status;
        images->count = part->count;
        images->pixels = (uint8_t *)part->bytes;
        images->is_borrowed = true;
        c->intake.dataset->height = a->height;
        c->intake.dataset->width = a->width;
        c->intake.dataset->channels = a->channels;
    } else {
        cvy_status status = cvy_intake_begin(&c->intake, split, part->count, form, &images);
        if (status == CVY_OK && part->floats != NULL)
            status = convert_floats(a, split, part->count, images->pixels);
        if (status != CVY_OK)
            return status;
        if (part->bytes != NULL)
            cvy_intake_put(&c->intake, split, 0, part->count, part->bytes);
    }
    memcpy(images->labels, part->labels, part->count * sizeof *images->labels);
    return CVY_OK;
}

static size_t count_classes(const cvy_arrays *a)
{
    size_t largest = 0;

    if (a->class_count > 0)
        return a->class_count;
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_array_part *part = part_of(a, (cvy_split)p);
        for (size_t i = 0; i < part->count; i++)
            largest = part->labels[i] > largest ? part->labels[i] : largest;
    }
    return largest + 1;
}

static cvy_status convert(conversion *c)
{
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = take_part(c, (cvy_split)p);
    if (status == CVY_OK)
        status =
            cvy_intake_name_classes(&c->intake, count_classes(&c->arrays), c->arrays.class_names);
    return status == CVY_OK ? cvy_intake_settle(&c->intake) : status;
}

cvy_status cvy_dataset_from_arrays(const cvy_arrays *arrays, cvy_dataset **dataset)
{
    cvy_dataset_options options;
    conversion c;

    if (dataset == NULL)
        return cvy_fail(CVY_ERR_SETTING, "dataset: found NULL, expected where to write it");
    cvy_dataset_options_init(&options);
    cvy_status status = read_arrays(arrays, &c.arrays);
    cvy_dataset *made;
    if (status == CVY_OK)
        status = check_arrays(&c.arrays);
    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *made, &made);
    if (status != CVY_OK)
        return status;
    made->references = 1;
    cvy_utf8_fit(made->name, sizeof made->name, c.arrays.name);
    c.intake = (cvy_intake){ .where = made->name, .options = &options, .dataset = made };
    status = convert(&c);
    if (status != CVY_OK) {
        cvy_dataset_close(made);
        return status;
    }
    *dataset = made;
    return CVY_OK;
}
