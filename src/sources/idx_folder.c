/* Folders with IDX files: MNIST, Fashion-MNIST, KMNIST, QMNIST and the splits of EMNIST. sources/idx_sets.h finds the
 * files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/idx.h"
#include "sources/idx_sets.h"
#include "sources/names_file.h"
#include "data/intake.h"

enum { BLOCK_IMAGES = 256 };

static cvy_status create_sets(cvy_idx_sets **sets)
{
    return cvy_memory_create(1, sizeof **sets, sets);
}

static bool recognises(const char *where)
{
    cvy_idx_sets *sets;

    if (create_sets(&sets) != CVY_OK)
        return false;
    cvy_idx_sets_find(where, sets);
    const bool found = sets->count > 0 || cvy_idx_recognise(where) != CVY_IDX_NONE;
    cvy_memory_free(sets);
    return found;
}

static bool is_emnist(const cvy_idx_set *set)
{
    return strncmp(set->prefix, "emnist-", 7) == 0;
}

/* EMNIST's images are transposed: rows and columns are swapped. Cohen et al. 2017. */
static void turn(size_t side, uint8_t *image)
{
    for (size_t y = 0; y < side; y++)
        for (size_t x = y + 1; x < side; x++) {
            const uint8_t pixel = image[y * side + x];
            image[y * side + x] = image[x * side + y];
            image[x * side + y] = pixel;
        }
}

static cvy_status read_pixels(cvy_intake *intake, cvy_split split, bool is_turned,
                              cvy_idx_stream *stream, const cvy_idx_header *header)
{
    const size_t bytes = header->height * header->width;
    uint8_t *block;
    cvy_status status = cvy_memory_create(BLOCK_IMAGES, bytes, &block);

    for (size_t first = 0; status == CVY_OK && first < header->count; first += BLOCK_IMAGES) {
        const size_t left = header->count - first;
        const size_t count = left < BLOCK_IMAGES ? left : BLOCK_IMAGES;
        status = cvy_idx_stream_read(stream, block, count);
        for (size_t i = 0; is_turned && i < count; i++)
            turn(header->height, block + i * bytes);
        if (status == CVY_OK)
            cvy_intake_put(intake, split, first, count, block);
    }
    cvy_memory_free(block);
    return status;
}

static cvy_status read_images(cvy_intake *intake, cvy_split split, bool is_turned,
                              const char *image_path, const char *label_path,
                              const cvy_images *labelled)
{
    cvy_idx_stream *stream;
    cvy_idx_header header = { 0 };
    cvy_images *part;
    cvy_status status = cvy_idx_stream_open(image_path, &stream, &header);

    if (status != CVY_OK)
        return status;
    if (labelled->count != header.count)
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu images, but %zu labels in %s", image_path,
                          header.count, labelled->count, label_path);
    if (status == CVY_OK && is_turned && header.height != header.width)
        status = cvy_fail(CVY_ERR_DATA, "%s: images of %zu x %zu, EMNIST's are square", image_path,
                          header.height, header.width);
    if (status == CVY_OK)
        status = cvy_intake_begin(intake, split, header.count,
                                  (cvy_form){ header.height, header.width, 1 }, &part);
    if (status == CVY_OK) {
        memcpy(part->labels, labelled->labels, header.count * sizeof *part->labels);
        status = read_pixels(intake, split, is_turned, stream, &header);
    }
    cvy_idx_stream_close(stream);
    return status;
}

static cvy_status fail_missing(const cvy_idx_set *set, cvy_split split, bool is_images)
{
    static const char *const parts[] = { "train", "t10k", "validation" };
    const char *part = parts[split], *what = is_images ? "images" : "labels";
    const int dimensions = is_images ? 3 : 1;

    return cvy_fail(CVY_ERR_OPEN,
                    "%s: no %s%s-%s-idx%d-ubyte in this folder, nor %s%s-%s.idx%d-ubyte, nor "
                    "either of them with .gz",
                    set->folder, set->prefix, part, what, dimensions, set->prefix, part, what,
                    dimensions);
}

/* A part without both files is absent; a part with only one of them is an error. */
static cvy_status read_part(cvy_intake *intake, const cvy_idx_set *set, cvy_split split)
{
    char *image_path = NULL, *label_path = NULL;
    cvy_images labelled = { 0 };

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    cvy_status status = cvy_idx_set_file(set, split, true, &image_path);
    if (status == CVY_OK)
        status = cvy_idx_set_file(set, split, false, &label_path);
    if (status == CVY_OK && (image_path == NULL) != (label_path == NULL))
        status = fail_missing(set, split, image_path == NULL);
    if (status == CVY_OK && label_path != NULL)
        status = cvy_idx_read_labels(label_path, &labelled);
    if (status == CVY_OK && label_path != NULL)
        status = read_images(intake, split, is_emnist(set), image_path, label_path, &labelled);
    cvy_memory_free(labelled.labels);
    cvy_memory_free(image_path);
    cvy_memory_free(label_path);
    return status;
}

/* The characters of EMNIST's labels; Cohen et al. 2017, section II. */
static const char *emnist_characters(const cvy_idx_set *set)
{
    static const char merged[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt";
    static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    if (!is_emnist(set))
        return NULL;
    if (strcmp(set->prefix, "emnist-letters-") == 0)
        return merged + 10;
    return strcmp(set->prefix, "emnist-byclass-") == 0    ? all
           : strcmp(set->prefix, "emnist-bymerge-") == 0  ? merged
           : strcmp(set->prefix, "emnist-balanced-") == 0 ? merged
                                                          : NULL;
}

static void count_labels(const cvy_intake *intake, size_t *smallest, size_t *largest)
{
    *smallest = SIZE_MAX;
    *largest = 0;
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++) {
            *smallest = images->labels[i] < *smallest ? images->labels[i] : *smallest;
            *largest = images->labels[i] > *largest ? images->labels[i] : *largest;
        }
    }
}

/* EMNIST's letters are numbered from 1. */
static cvy_status number_letters(cvy_intake *intake, const cvy_idx_set *set, size_t smallest,
                                 size_t *largest)
{
    if (strcmp(set->prefix, "emnist-letters-") != 0)
        return CVY_OK;
    if (smallest < 1)
        return cvy_fail(CVY_ERR_DATA, "%s: EMNIST letters with a label 0, they begin at 1",
                        intake->where);
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++)
            images->labels[i]--;
    }
    --*largest;
    return CVY_OK;
}

static cvy_status name_classes(cvy_intake *intake, const cvy_idx_set *set)
{
    const char *characters = emnist_characters(set), *names[CVY_CLASSES_MAX];
    char texts[64][2] = { { 0 } };
    size_t smallest, largest, count = 0;

    count_labels(intake, &smallest, &largest);
    cvy_status status = number_letters(intake, set, smallest, &largest);
    if (status != CVY_OK)
        return status;
    if (characters != NULL) {
        const size_t known = strcmp(set->prefix, "emnist-letters-") == 0 ? 26 : strlen(characters);
        for (count = 0; count < known; count++) {
            texts[count][0] = characters[count];
            names[count] = texts[count];
        }
    }
    /* labels beyond the known ones: use numbers */
    if (largest < count)
        return cvy_intake_name_classes(intake, count, names);
    if (largest == 0 && intake->options->class_names == NULL)
        return cvy_fail(CVY_ERR_DATA, "%s: every label is 0, expected at least two classes",
                        intake->where);
    return cvy_names_file_apply(intake, set->folder, largest + 1);
}

static cvy_status fail_single_file(const char *where)
{
    return cvy_fail(CVY_ERR_FORMAT,
                    "%s: a single IDX file; a data set is the folder with its images and labels",
                    where);
}

static cvy_status fail_several(const char *where, cvy_idx_sets *sets)
{
    char list[1024] = "";
    size_t used = 0;

    qsort(sets->sets, sets->count, sizeof *sets->sets, cvy_idx_set_compare);
    for (size_t i = 0; i < sets->count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s%s%.*s", i > 0 ? ", " : "",
                                 sets->sets[i].folder, sets->sets[i].prefix[0] != '\0' ? "/" : "",
                                 (int)strlen(sets->sets[i].prefix) - (sets->sets[i].prefix[0] != 0),
                                 sets->sets[i].prefix);
    return cvy_fail(CVY_ERR_SETTING, "%s: several data sets in it\nname one of %s", where, list);
}

static cvy_status open_sets(cvy_intake *intake, cvy_idx_sets *sets)
{
    cvy_idx_sets_find(intake->where, sets);
    if (sets->count == 0)
        return fail_single_file(intake->where);
    if (sets->count > 1)
        return fail_several(intake->where, sets);
    cvy_status status = CVY_OK;
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = read_part(intake, &sets->sets[0], (cvy_split)p);
    if (status != CVY_OK)
        return status;
    const cvy_dataset *d = intake->dataset;
    return d->train.count + d->test.count + d->validation.count > 0
               ? name_classes(intake, &sets->sets[0])
               : CVY_OK;
}

static cvy_status open_folder(cvy_intake *intake)
{
    cvy_idx_sets *sets;
    cvy_status status = create_sets(&sets);

    if (status == CVY_OK)
        status = open_sets(intake, sets);
    cvy_memory_free(sets);
    return status;
}

const cvy_dataset_kind cvy_dataset_idx = {
    .kind = { .name = "idx", .summary = "a folder with IDX files, as MNIST's and EMNIST's" },
    .recognises = recognises,
    .open = open_folder,
};
