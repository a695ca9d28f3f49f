/* NumPy archives: x_train, y_train, x_test, y_test as Keras ships MNIST, train_images,
 * train_labels, ... as in MedMNIST, in any case and order of the words, or a single pair. Arrays
 * without names (arr_0, ...) are taken in the order of load_data() or train_test_split(). Images
 * are [n][h][w], [n][h][w][1 or 3], [n][1 or 3][h][w], or [n][pixels] of squares; labels [n],
 * [n][1], or [n][classes] one-hot, as numbers or texts. An array class_names of texts names the
 * classes. sources/npz_images.h reads the images. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/letters.h"
#include "base/memory.h"
#include "data/content.h"
#include "data/intake.h"
#include "formats/foreign.h"
#include "sources/names.h"
#include "sources/npz_images.h"

/* The labels of all parts. */
typedef struct {
    size_t class_count; /* by numbers so far */
    cvy_names names;    /* the texts so far */
} label_set;

enum { IMAGES, LABELS, ROLES };

/* An archive, and the entry of each array; the number of entries where there is none. */
typedef struct {
    cvy_zip *zip;
    size_t entries[CVY_PARTS + 1][ROLES];
} npz_archive;

enum { NAME_BYTES = 64, PART_WORDS = 11, UNDIVIDED = CVY_PARTS };

/* Return the part that a name begins or ends with, and remove the word; UNDIVIDED: with none. */
static int cut_part(char *name)
{
    static const struct {
        const char *word;
        int part;
    } words[PART_WORDS] = {
        { "training", CVY_SPLIT_TRAIN },
        { "train", CVY_SPLIT_TRAIN },
        { "tr", CVY_SPLIT_TRAIN },
        { "testing", CVY_SPLIT_TEST },
        { "test", CVY_SPLIT_TEST },
        { "te", CVY_SPLIT_TEST },
        { "validation", CVY_SPLIT_VALIDATION },
        { "valid", CVY_SPLIT_VALIDATION },
        { "val", CVY_SPLIT_VALIDATION },
        { "dev", CVY_SPLIT_VALIDATION },
        { "va", CVY_SPLIT_VALIDATION },
    };
    const size_t length = strlen(name);

    for (size_t i = 0; i < PART_WORDS; i++) {
        const size_t cut = strlen(words[i].word);
        if (cut > length)
            continue;
        if (strcmp(name + length - cut, words[i].word) == 0) {
            name[length - cut] = '\0';
            return words[i].part;
        }
        if (strncmp(name, words[i].word, cut) == 0) {
            memmove(name, name + cut, length - cut + 1);
            return words[i].part;
        }
    }
    return UNDIVIDED;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

/* Parse an array's name, whatever its case: "x_train", "training_images", "testY", "data". */
static bool parse_name(const char *entry, int *part, bool *is_images)
{
    static const char *const images[] = { "x",    "images",   "image",  "imgs",   "img",
                                          "data", "features", "pixels", "inputs", NULL };
    static const char *const labels[] = { "y", "labels", "label", "targets", "target", NULL };
    const size_t length = strlen(entry);
    char name[NAME_BYTES];
    size_t used = 0;

    if (length < 4 || length >= NAME_BYTES || strcmp(entry + length - 4, ".npy") != 0)
        return false;
    for (size_t i = 0; i < length - 4; i++)
        if (entry[i] != '_' && entry[i] != '-')
            name[used++] = cvy_lower(entry[i]);
    name[used] = '\0';
    *part = cut_part(name);
    *is_images = is_one_of(name, images);
    return *is_images || is_one_of(name, labels);
}

/* Return the index of the entry "NAME.npy", or the number of entries if it is absent. */
static size_t find_entry(const cvy_zip *zip, const char *name)
{
    const size_t length = strlen(name);
    size_t i = 0;

    for (; i < cvy_zip_count(zip); i++) {
        const char *entry = cvy_zip_name(zip, i);
        if (strncmp(entry, name, length) == 0 && strcmp(entry + length, ".npy") == 0)
            break;
    }
    return i;
}

/* Find the arrays by their names. */
static void find_by_name(npz_archive *a)
{
    const size_t none = cvy_zip_count(a->zip);
    int part;
    bool is_images;

    for (size_t i = none; i-- > 0;) /* of several, the first */
        if (parse_name(cvy_zip_name(a->zip, i), &part, &is_images))
            a->entries[part][is_images ? IMAGES : LABELS] = i;
}

/* Find the entries arr_0, arr_1, ... of an archive that has no others; their number, or 0. An archive
 * may hold two entries of one name. */
static size_t find_unnamed(const npz_archive *a, size_t entries[4])
{
    const size_t count = cvy_zip_count(a->zip);

    if (count != 2 && count != 4)
        return 0;
    for (size_t k = 0; k < count; k++) {
        char name[16];
        snprintf(name, sizeof name, "arr_%u", (unsigned)k);
        entries[k] = find_entry(a->zip, name);
        if (entries[k] == count)
            return 0;
    }
    return count;
}

/* Arrays that were saved without names: images and labels, or x_train, y_train, x_test, y_test as
 * load_data() returns them, or x_train, x_test, y_train, y_test as train_test_split() does. Their
 * lengths tell the order; equal ones do not. */
static cvy_status find_by_order(npz_archive *a, const char *file)
{
    size_t entries[4], lengths[4] = { 0 };
    const size_t count = find_unnamed(a, entries);
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < count; k++) {
        char place[CVY_NPZ_PLACE_BYTES];
        cvy_npy_header header;
        status = cvy_npz_begin(a->zip, file, entries[k], CVY_NPY_NUMBERS | CVY_NPY_TEXTS, place,
                               &header);
        lengths[k] = status == CVY_OK && header.rank > 0 ? header.dims[0] : 0;
        cvy_npy_end(&header);
    }
    if (status != CVY_OK || count == 0 || (count == 4 && lengths[0] == lengths[3]))
        return status;
    const bool is_pairs = count == 2 || lengths[0] == lengths[1];
    const int first = count == 2 ? UNDIVIDED : CVY_SPLIT_TRAIN;
    a->entries[first][IMAGES] = entries[0];
    a->entries[first][LABELS] = entries[is_pairs ? 1 : 2];
    if (count == 4) {
        a->entries[CVY_SPLIT_TEST][IMAGES] = entries[is_pairs ? 2 : 1];
        a->entries[CVY_SPLIT_TEST][LABELS] = entries[3];
    }
    return CVY_OK;
}

/* ---- labels ---- */

/* Read one label of `width` values: a number, or the index of the 1 in a one-hot vector. */
static cvy_status read_label(const char *place, size_t index, const double *values, size_t width,
                             uint16_t *label)
{
    double found = values[0];

    if (width > 1) {
        size_t ones = 0;
        for (size_t i = 0; i < width; i++)
            if (values[i] != 0) {
                ones++;
                found = (double)i;
            }
        if (ones != 1)
            return cvy_fail(CVY_ERR_DATA, "%s: label %zu is not one-hot: %zu values are not 0",
                            place, index, ones);
    }
    if (!(found >= 0 && found < CVY_CLASSES_MAX) || found != floor(found))
        return cvy_fail(CVY_ERR_DATA, "%s: label %zu is %g, expected a whole number from 0 to %d",
                        place, index, found, CVY_CLASSES_MAX - 1);
    *label = (uint16_t)found;
    return CVY_OK;
}

/* Read labels that are texts. part->labels become indices of set->names, which
 * cvy_names_to_classes() turns into classes once all parts are read. */
static cvy_status read_texts(cvy_zip *zip, const char *place, cvy_npy_header *header,
                             cvy_images *part, label_set *set)
{
    char text[CVY_NPY_TEXT_BYTES];
    size_t index;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < part->count; i++) {
        status = cvy_npy_read_text(zip, header, text);
        if (status == CVY_OK && text[0] == '\0')
            status = cvy_fail(CVY_ERR_DATA, "%s: label %zu is an empty text", place, i);
        if (status == CVY_OK)
            status = cvy_fail_at(cvy_names_add(&set->names, text, &index), "%s", place);
        if (status == CVY_OK)
            part->labels[i] = (uint16_t)index;
    }
    return status;
}

static cvy_status read_numbers(cvy_zip *zip, const char *place, cvy_npy_header *header,
                               size_t width, cvy_images *part, label_set *set)
{
    double *values = NULL;
    cvy_status status = cvy_memory_create(width, sizeof *values, &values);

    for (size_t i = 0; status == CVY_OK && i < part->count; i++) {
        status = cvy_npy_read(zip, header, width, values);
        if (status == CVY_OK)
            status = read_label(place, i, values, width, &part->labels[i]);
        if (status == CVY_OK && part->labels[i] >= set->class_count)
            set->class_count = (size_t)part->labels[i] + 1;
    }
    if (status == CVY_OK && width > set->class_count)
        set->class_count = width;
    cvy_memory_free(values);
    return status;
}

static cvy_status read_labels(cvy_intake *intake, cvy_zip *zip, size_t entry, cvy_images *part,
                              label_set *set)
{
    char place[CVY_NPZ_PLACE_BYTES];
    cvy_npy_header header = { 0 };
    cvy_status status =
        cvy_npz_begin(zip, intake->where, entry, CVY_NPY_NUMBERS | CVY_NPY_TEXTS, place, &header);
    const size_t width = header.rank == 2 ? header.dims[1] : 1;
    const bool are_texts = status == CVY_OK && cvy_npy_has_texts(&header);

    if (status == CVY_OK &&
        (header.rank < 1 || header.rank > 2 || width < 1 ||
         width > (are_texts ? 1 : CVY_CLASSES_MAX) || header.dims[0] != part->count))
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu labels of %zu values, expected %zu of one each",
                          place, header.rank > 0 ? header.dims[0] : 0, width, part->count);
    if (status == CVY_OK && (are_texts ? set->class_count : set->names.count) > 0)
        status = cvy_fail(CVY_ERR_DATA, "%s: labels as %s, those of another part as %s", place,
                          are_texts ? "texts" : "numbers", are_texts ? "numbers" : "texts");
    if (status == CVY_OK)
        status = are_texts ? read_texts(zip, place, &header, part, set)
                           : read_numbers(zip, place, &header, width, part, set);
    cvy_npy_end(&header);
    return status;
}

/* ---- class names ---- */

#define NAMES_ARRAY "class_names"

/* Read class names from an array of texts, if present, one per class. */
static cvy_status read_names(cvy_intake *intake, cvy_zip *zip, size_t class_count)
{
    char place[CVY_NPZ_PLACE_BYTES], (*texts)[CVY_NPY_TEXT_BYTES] = NULL;
    const char *names[CVY_CLASSES_MAX];
    const size_t entry = find_entry(zip, NAMES_ARRAY);
    cvy_npy_header header = { 0 };

    if (entry == cvy_zip_count(zip))
        return cvy_intake_name_classes(intake, class_count, NULL);
    cvy_status status = cvy_npz_begin(zip, intake->where, entry, CVY_NPY_TEXTS, place, &header);
    if (status == CVY_OK &&
        (header.rank != 1 || header.dims[0] < class_count || header.dims[0] > CVY_CLASSES_MAX))
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu names, expected one for each of %zu classes",
                          place, header.rank > 0 ? header.dims[0] : 0, class_count);
    const size_t count = header.dims[0];
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *texts, &texts);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        names[i] = texts[i];
        status = cvy_npy_read_text(zip, &header, texts[i]);
    }
    if (status == CVY_OK)
        status = cvy_intake_name_classes(intake, count, names);
    cvy_memory_free(texts);
    cvy_npy_end(&header);
    return status;
}

/* ---- the archive ---- */

/* Read the images and labels of a part, whose arrays are those of `part`: a part, or UNDIVIDED. */
static cvy_status read_pair(cvy_intake *intake, cvy_split split, const npz_archive *a, int part,
                            label_set *set)
{
    const size_t images = a->entries[part][IMAGES], labels = a->entries[part][LABELS];
    cvy_images *filled;

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    if (labels == cvy_zip_count(a->zip)) {
        const char *name = cvy_zip_name(a->zip, images);
        return cvy_fail(CVY_ERR_DATA,
                        "%s: %.*s, but no labels for it in the archive, as in x_train and y_train",
                        intake->where, (int)strlen(name) - 4, name);
    }
    cvy_status status = cvy_npz_read_images(intake, split, a->zip, images, &filled);
    return status == CVY_OK ? read_labels(intake, a->zip, labels, filled, set) : status;
}

static cvy_status fail_names(const cvy_intake *intake, const cvy_zip *zip)
{
    char list[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < cvy_zip_count(zip) && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.60s", i > 0 ? ", " : "",
                                 cvy_zip_name(zip, i));
    const cvy_status status =
        cvy_fail(CVY_ERR_DATA,
                 "%s: found %s, expected the arrays x_train and y_train (and x_test, y_test), or "
                 "images and labels",
                 intake->where, list[0] != '\0' ? list : "nothing");
    return strncmp(list, "arr_", 4) == 0
               ? cvy_fail_add(status,
                              "\nName them: numpy.savez(\"data.npz\", x_train=x, y_train=y).")
               : cvy_foreign_explain(status, intake->where, CVY_WANTED_DATA);
}

/* Find the arrays of the parts; *found: whether there are images of any. */
static cvy_status find_arrays(npz_archive *a, const char *file, bool *found)
{
    const size_t none = cvy_zip_count(a->zip);
    cvy_status status = CVY_OK;

    for (int p = 0; p <= UNDIVIDED; p++)
        a->entries[p][IMAGES] = a->entries[p][LABELS] = none;
    find_by_name(a);
    *found = false;
    for (int p = 0; p <= UNDIVIDED; p++)
        *found |= a->entries[p][IMAGES] < none;
    if (!*found)
        status = find_by_order(a, file);
    for (int p = 0; p <= UNDIVIDED; p++)
        *found |= a->entries[p][IMAGES] < none;
    return status;
}

static cvy_status read_archive(cvy_intake *intake, cvy_zip *zip, label_set *set)
{
    npz_archive a = { .zip = zip };
    bool found, is_divided = false;
    cvy_status status = find_arrays(&a, intake->where, &found);

    if (status == CVY_OK && !found)
        return fail_names(intake, zip);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (a.entries[p][IMAGES] < cvy_zip_count(zip)) {
            is_divided = true;
            status = read_pair(intake, (cvy_split)p, &a, p, set);
        }
    if (status == CVY_OK && !is_divided)
        status = read_pair(intake, cvy_intake_undivided(intake), &a, UNDIVIDED, set);
    if (status == CVY_OK && set->names.count > 0)
        return cvy_names_to_classes(&set->names, intake);
    return status == CVY_OK && set->class_count > 0 ? read_names(intake, zip, set->class_count)
                                                    : status;
}

static cvy_status open_npz(cvy_intake *intake)
{
    cvy_zip *zip;
    label_set set = { 0 };
    cvy_status status = cvy_zip_open(intake->where, &zip);

    if (status != CVY_OK)
        return cvy_foreign_explain(status, intake->where, CVY_WANTED_DATA);
    status = read_archive(intake, zip, &set);
    cvy_names_release(&set.names);
    cvy_zip_close(zip);
    return status;
}

static bool recognises(const char *where)
{
    return cvy_content_of(where) == CVY_CONTENT_ZIP;
}

const cvy_dataset_kind cvy_dataset_npz = {
    .kind = { .name = "npz", .summary = "a NumPy archive (.npz) with x_train, y_train, ..." },
    .recognises = recognises,
    .open = open_npz,
};
