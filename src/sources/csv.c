/* Comma-separated values, one image per line: a label and height x width x channels pixels. A
 * header line is optional; the label is first or last. Examples: Kaggle's digits, Redmon's MNIST.
 * The file is read twice: first to count and check, then to store. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/letters.h"
#include "base/memory.h"
#include "data/content.h"
#include "data/intake.h"
#include "sources/csv_table.h"
#include "sources/names.h"

enum { PATH_BYTES = 4096 };

/* ---- the first pass ---- */

static cvy_status measure(cvy_csv_table *t, double *pixels, cvy_names *labels)
{
    char *text, *label = NULL;
    size_t length, place;
    const size_t pixel_count = t->columns - 1;
    cvy_status status = CVY_OK;

    for (size_t line = 0; status == CVY_OK; line++) {
        status = cvy_csv_next(t->lines, &text, &length);
        if (status != CVY_OK || text == NULL)
            break;
        if (line == 0 && t->has_header)
            continue;
        status = cvy_csv_table_read_line(t, text, pixels, &label);
        if (status != CVY_OK)
            return status;
        status = cvy_names_add(labels, label, &place);
        if (status == CVY_ERR_DATA)
            status = cvy_fail_at(status, "%s: line %zu", t->path, cvy_csv_line_number(t->lines));
        for (size_t i = 0; status == CVY_OK && i < pixel_count; i++) {
            t->has_fractions |= pixels[i] != floor(pixels[i]);
            t->largest = pixels[i] > t->largest ? pixels[i] : t->largest;
        }
        t->rows++;
    }
    if (status == CVY_OK && t->rows == 0)
        status = cvy_fail(CVY_ERR_DATA, "%s: no images in it", t->path);
    return status;
}

/* ---- a part ---- */

static cvy_status keep_rows(cvy_csv_table *t, cvy_intake *intake, cvy_split split, cvy_images *part,
                            const cvy_names *labels, double *pixels, uint8_t *image)
{
    const double factor = cvy_csv_table_pixel_factor(t);
    char *text, *label = NULL;
    size_t length;
    cvy_status status = cvy_csv_rewind(t->lines);

    if (status == CVY_OK && t->has_header)
        status = cvy_csv_next(t->lines, &text, &length);
    for (size_t row = 0; status == CVY_OK && row < t->rows; row++) {
        status = cvy_csv_next(t->lines, &text, &length);
        if (status == CVY_OK && text == NULL)
            status = cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", t->path);
        if (status == CVY_OK)
            status = cvy_csv_table_read_line(t, text, pixels, &label);
        if (status != CVY_OK)
            break;
        for (size_t i = 0; i < t->columns - 1; i++)
            image[i] = (uint8_t)lround(pixels[i] * factor);
        const size_t place = cvy_names_find(labels, label);
        if (place == labels->count)
            return cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", t->path);
        part->labels[row] = (uint16_t)place;
        cvy_intake_put(intake, split, row, 1, image);
    }
    return status;
}

static cvy_status read_rows(cvy_csv_table *t, cvy_intake *intake, cvy_split split,
                            cvy_names *labels)
{
    double *pixels = NULL;
    uint8_t *image = NULL;
    cvy_images *part;
    cvy_status status = cvy_memory_create(t->columns, sizeof *pixels, &pixels);

    if (status == CVY_OK)
        status = cvy_memory_create(t->columns, 1, &image);
    if (status == CVY_OK)
        status = cvy_csv_rewind(t->lines);
    if (status == CVY_OK && (!t->has_header || t->is_label_unnamed))
        status = cvy_csv_table_find_label(t);
    if (status == CVY_OK)
        status = cvy_csv_rewind(t->lines);
    if (status == CVY_OK)
        status = measure(t, pixels, labels);
    if (status == CVY_OK)
        status = cvy_intake_begin(intake, split, t->rows, t->form, &part);
    if (status == CVY_OK)
        status = keep_rows(t, intake, split, part, labels, pixels, image);
    cvy_memory_free(pixels);
    cvy_memory_free(image);
    return status;
}

static cvy_status read_part(cvy_intake *intake, cvy_split split, const char *path, bool must_have,
                            cvy_names *labels)
{
    cvy_csv_table t;

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    cvy_status status = cvy_csv_table_open(path, &t);
    if (status == CVY_OK && t.is_unlabelled)
        status = must_have ? cvy_fail(CVY_ERR_DATA,
                                      "%s: no column with labels (Kaggle's test.csv has none)\n"
                                      "convoy predict MODEL \"%s\" classifies its images",
                                      path, path)
                           : CVY_OK;
    else if (status == CVY_OK)
        status = read_rows(&t, intake, split, labels);
    cvy_csv_close(t.lines);
    return status;
}

/* ---- finding the parts ---- */

static bool ends_like_csv(const char *name)
{
    return cvy_ends_in_letters(name, ".csv") || cvy_ends_in_letters(name, ".csv.gz");
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static int select_csv(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_like_csv(entry->d_name);
}

/* Whether a file name belongs to a part: "train.csv", "mnist_train.csv", ... */
static bool is_file_of(const char *name, cvy_split split)
{
    static const char *const words[] = { "train", "test", "val" };
    const char *word = words[split];

    while (*name != '\0' && !cvy_begins_with_letters(name, word))
        name++;
    return *name != '\0';
}

static bool find_part(const char *folder, cvy_split split, char path[PATH_BYTES])
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, select_csv, cvy_folder_order);
    bool found = false;

    for (int i = 0; i < count; i++) {
        if (!found && is_file_of(entries[i]->d_name, split))
            found = (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, entries[i]->d_name) <
                    PATH_BYTES;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return found;
}

static bool recognises(const char *where)
{
    char path[PATH_BYTES];

    if (is_folder(where))
        return find_part(where, CVY_SPLIT_TRAIN, path) || find_part(where, CVY_SPLIT_TEST, path);
    return cvy_content_of(where) == CVY_CONTENT_TABLE ||
           (ends_like_csv(where) && cvy_content_of(where) != CVY_CONTENT_NONE);
}

static cvy_status open_parts(cvy_intake *intake, cvy_names *labels)
{
    char path[PATH_BYTES];
    cvy_status status = CVY_OK;

    if (!is_folder(intake->where))
        return read_part(intake, cvy_intake_undivided(intake), intake->where, true, labels);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (find_part(intake->where, (cvy_split)p, path))
            status = read_part(intake, (cvy_split)p, path, p == CVY_SPLIT_TRAIN, labels);
    return status;
}

static cvy_status open_csv(cvy_intake *intake)
{
    cvy_names labels = { 0 };
    cvy_status status = open_parts(intake, &labels);

    if (status == CVY_OK && labels.count > 0)
        status = cvy_names_to_classes(&labels, intake);
    cvy_names_release(&labels);
    return status;
}

const cvy_dataset_kind cvy_dataset_csv = {
    .kind = { .name = "csv", .summary = "a CSV file with a label and pixels on each line" },
    .recognises = recognises,
    .open = open_csv,
};
