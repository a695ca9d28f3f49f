/* Comma-separated values, an image a line: a label and height x width x channels pixels. With or
 * without a line of column names; the label first or last. Kaggle's digits, Redmon's MNIST. The file
 * is read twice: once to count and check, once to keep. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "data/content.h"
#include "sources/csv_lines.h"
#include "data/intake.h"
#include "sources/names.h"

enum { PATH_BYTES = 4096, LABEL_ROWS = 1000 };

/* A table as its first pass finds it. */
typedef struct {
    const char *path;
    cvy_csv_lines *lines;
    char separator;
    bool has_header, label_is_last, is_unlabelled;
    size_t columns, rows;
    cvy_form form;
    bool has_fractions; /* some pixel is no whole number */
    double largest;     /* pixel */
} table;

/* ---- the shape of a table ---- */

static size_t count_columns(const char *text, char separator)
{
    size_t count = 1;
    bool is_quoted = false;

    for (; *text != '\0'; text++) {
        is_quoted ^= *text == '"';
        count += *text == separator && !is_quoted;
    }
    return count;
}

static char find_separator(const char *text)
{
    const size_t commas = count_columns(text, ','), semicolons = count_columns(text, ';');
    const size_t tabs = count_columns(text, '\t');

    return commas >= semicolons && commas >= tabs ? ',' : semicolons >= tabs ? ';' : '\t';
}

/* Whether a cell is a number, and which. */
static bool read_number(const char *cell, double *number)
{
    char *end;

    /* nearly all of them: a whole number of up to three digits */
    unsigned value = 0;
    size_t digits = 0;
    while (digits < 3 && cell[digits] >= '0' && cell[digits] <= '9')
        value = 10 * value + (unsigned)(cell[digits++] - '0');
    if (digits > 0 && cell[digits] == '\0') {
        *number = value;
        return true;
    }
    if (cell[0] == '\0' || cell[strspn(cell, "+-0123456789.eE")] != '\0')
        return false;
    *number = strtod(cell, &end);
    return *end == '\0' && isfinite(*number);
}

static bool is_label_name(const char *cell)
{
    static const char *const names[] = { "label", "labels", "class", "target", "y", "category" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(cell, names[i]) == 0)
            return true;
    return false;
}

/* Sides from the name of the last pixel, as "28x28" counts rows and columns from 1. */
static bool read_sides(const char *cell, cvy_form *form)
{
    char extra;
    return sscanf(cell, "%4zux%4zu%c", &form->height, &form->width, &extra) == 2;
}

/* The sides of a square of that many pixels, grey or in three channels. */
static bool find_square(size_t pixels, cvy_form *form)
{
    for (size_t channels = 1; channels <= 3; channels += 2) {
        const size_t side = (size_t)lround(sqrt((double)pixels / (double)channels));
        if (side > 0 && side * side * channels == pixels) {
            *form = (cvy_form){ side, side, channels };
            return true;
        }
    }
    return false;
}

/* What the names of the columns say: where the label is, and how the pixels lie. */
static cvy_status read_header(table *t, char *text)
{
    char *rest = text, *cell = NULL, *first = NULL;
    cvy_form named = { 0 };
    bool label_is_first = false;

    for (size_t i = 0; rest != NULL; i++) {
        cell = cvy_csv_cut_cell(&rest, t->separator);
        if (cell == NULL)
            return cvy_fail(CVY_ERR_FORMAT, "%s: line 1, column %zu: a quote that is not closed",
                            t->path, i + 1);
        if (i == 0)
            label_is_first = is_label_name(first = cell);
        else if (rest == NULL)
            t->label_is_last = is_label_name(cell) && !label_is_first;
        if (read_sides(cell, &named) && named.height * named.width + 1 == t->columns)
            t->form = (cvy_form){ named.height, named.width, 1 };
    }
    t->is_unlabelled = !label_is_first && !t->label_is_last &&
                       (strcasecmp(first, "pixel0") == 0 || strcasecmp(first, "1x1") == 0);
    return CVY_OK;
}

static cvy_status find_form(table *t)
{
    cvy_form form;

    if (t->columns < 2 ||
        (t->form.height == 0 && !t->is_unlabelled && !find_square(t->columns - 1, &form)))
        return find_square(t->columns, &form) && t->columns > 4
                   ? cvy_fail(CVY_ERR_DATA,
                              "%s: %zu columns, as many as the pixels of %zu x %zu: the labels are "
                              "missing (Kaggle's test.csv has none)",
                              t->path, t->columns, form.height, form.width)
                   : cvy_fail(
                         CVY_ERR_DATA,
                         "%s: %zu columns, expected a label and the pixels of square images, as "
                         "in 1 + 28 x 28 = 785",
                         t->path, t->columns);
    if (t->form.height == 0 && !t->is_unlabelled)
        t->form = form;
    return CVY_OK;
}

/* ---- the first pass ---- */

static cvy_status fail_cell(const table *t, size_t column, const char *cell, const char *expected)
{
    return cvy_fail(CVY_ERR_DATA, "%s: line %zu, column %zu: found %s%.40s%s, expected %s", t->path,
                    cvy_csv_line_number(t->lines), column + 1, cell[0] == '\0' ? "" : "\"",
                    cell[0] == '\0' ? "nothing" : cell, cell[0] == '\0' ? "" : "\"", expected);
}

static cvy_status check_columns(const table *t, const char *text)
{
    const size_t found = count_columns(text, t->separator);

    return found == t->columns
               ? CVY_OK
               : cvy_fail(CVY_ERR_DATA, "%s: line %zu: found %zu cells, expected %zu", t->path,
                          cvy_csv_line_number(t->lines), found, t->columns);
}

/* What tells a column of labels from a column of pixels: it holds text, or several values. */
typedef struct {
    bool has_text, varies, is_label; /* is_label: all whole numbers below CVY_CLASSES_MAX */
    double first;
} column_look;

static void look(column_look *c, const char *cell, bool is_first_row)
{
    double number;

    if (!read_number(cell, &number)) {
        c->has_text = true;
        return;
    }
    if (is_first_row)
        c->first = number;
    c->varies |= number != c->first;
    c->is_label &= number >= 0 && number < CVY_CLASSES_MAX && number == floor(number);
}

/* Without names of columns: the label is first, unless only the last column can be it. */
static cvy_status find_label(table *t)
{
    column_look first = { .is_label = true }, last = { .is_label = true };
    char *text;
    size_t length;
    cvy_status status = CVY_OK;

    for (size_t row = 0; status == CVY_OK && row < LABEL_ROWS; row++) {
        status = cvy_csv_next(t->lines, &text, &length);
        if (status != CVY_OK || text == NULL)
            break;
        if (row == 0 && t->has_header)
            continue;
        status = check_columns(t, text);
        char *rest = text;
        char *cell = status == CVY_OK ? cvy_csv_cut_cell(&rest, t->separator) : NULL;
        if (cell == NULL)
            break; /* the first pass says what is wrong */
        look(&first, cell, row == (size_t)t->has_header);
        while (rest != NULL && (cell = cvy_csv_cut_cell(&rest, t->separator)) != NULL)
            if (rest == NULL)
                look(&last, cell, row == (size_t)t->has_header);
    }
    t->label_is_last = !first.has_text && (last.has_text || !first.is_label ||
                                           (!first.varies && last.varies && last.is_label));
    return CVY_OK;
}

/* The pixels of a line, each handed to `keep`, and its label. */
static cvy_status read_line(const table *t, char *text, double *pixels, char **label)
{
    const size_t label_column = t->label_is_last ? t->columns - 1 : 0;
    char *rest = text;
    size_t pixel = 0;
    cvy_status status = check_columns(t, text);

    for (size_t column = 0; status == CVY_OK && rest != NULL; column++) {
        char *cell = cvy_csv_cut_cell(&rest, t->separator);
        if (cell == NULL)
            return cvy_fail(
                CVY_ERR_FORMAT,
                "%s: line %zu, column %zu: a quote that is not closed, or text after it", t->path,
                cvy_csv_line_number(t->lines), column + 1);
        if (column == label_column) {
            *label = cell;
            if (cell[0] == '\0')
                status = fail_cell(t, column, cell, "a label");
            continue;
        }
        if (!read_number(cell, &pixels[pixel]) || pixels[pixel] < 0 || pixels[pixel] > 255)
            return fail_cell(t, column, cell, "a number from 0 to 255");
        pixel++;
    }
    return status;
}

static cvy_status measure(table *t, double *pixels, cvy_names *labels)
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
        status = read_line(t, text, pixels, &label);
        if (status == CVY_OK)
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

static cvy_status open_table(const char *path, table *t)
{
    char *text, *copy = NULL;
    size_t length;
    double number;

    *t = (table){ .path = path };
    cvy_status status = cvy_csv_open(path, &t->lines);
    if (status == CVY_OK)
        status = cvy_csv_next(t->lines, &text, &length);
    if (status != CVY_OK)
        return status;
    if (text == NULL)
        return cvy_fail(CVY_ERR_READ, "%s: the file is empty", path);
    t->separator = find_separator(text);
    t->columns = count_columns(text, t->separator);
    status = cvy_text_copy(text, &copy);
    if (status == CVY_OK && t->columns > 1) {
        /* names: the second column, always a pixel, is no number */
        char *rest = copy;
        char *cell = cvy_csv_cut_cell(&rest, t->separator);
        cell = cell != NULL && rest != NULL ? cvy_csv_cut_cell(&rest, t->separator) : NULL;
        t->has_header = cell != NULL && cell[0] != '\0' && !read_number(cell, &number);
    }
    if (status == CVY_OK && t->has_header)
        status = read_header(t, text);
    cvy_memory_free(copy);
    if (status == CVY_OK)
        status = find_form(t);
    return status;
}

/* ---- a part ---- */

/* Whole numbers are pixels as they are; with fractions and nothing above 1 they are parts of 255. */
static double pixel_factor(const table *t)
{
    return t->has_fractions && t->largest <= 1 ? 255 : 1;
}

static cvy_status keep_rows(table *t, cvy_intake *intake, cvy_split split, cvy_images *part,
                            const cvy_names *labels, double *pixels, uint8_t *image)
{
    const double factor = pixel_factor(t);
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
            status = read_line(t, text, pixels, &label);
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

static cvy_status read_rows(table *t, cvy_intake *intake, cvy_split split, cvy_names *labels)
{
    double *pixels = NULL;
    uint8_t *image = NULL;
    cvy_images *part;
    cvy_status status = cvy_memory_create(t->columns, sizeof *pixels, &pixels);

    if (status == CVY_OK)
        status = cvy_memory_create(t->columns, 1, &image);
    if (status == CVY_OK && !(t->has_header && t->label_is_last))
        status = cvy_csv_rewind(t->lines);
    if (status == CVY_OK && !t->has_header)
        status = find_label(t);
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
    table t;

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    cvy_status status = open_table(path, &t);
    if (status == CVY_OK && t.is_unlabelled)
        status = must_have ? cvy_fail(CVY_ERR_DATA, "%s: no column with labels", path) : CVY_OK;
    else if (status == CVY_OK)
        status = read_rows(&t, intake, split, labels);
    cvy_csv_close(t.lines);
    return status;
}

/* ---- where the parts lie ---- */

static bool ends_like_csv(const char *name)
{
    const size_t length = strlen(name);
    return (length > 4 && strcasecmp(name + length - 4, ".csv") == 0) ||
           (length > 7 && strcasecmp(name + length - 7, ".csv.gz") == 0);
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

/* The file of a folder for a part: "train.csv", "mnist_train.csv", ... */
static bool is_file_of(const char *name, cvy_split split)
{
    static const char *const words[] = { "train", "test", "val" };
    return strstr(name, words[split]) != NULL;
}

static bool find_part(const char *folder, cvy_split split, char path[PATH_BYTES])
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, select_csv, alphasort);
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

/* Labels that are all whole numbers are classes by number; others are names, in order. */
static cvy_status name_classes(cvy_intake *intake, const cvy_names *labels)
{
    size_t *place, count;
    bool are_numbers;
    cvy_status status = cvy_memory_create(labels->count, sizeof *place, &place);

    if (status == CVY_OK)
        status = cvy_names_order(labels, place, &count, &are_numbers);
    if (status == CVY_ERR_DATA)
        status = cvy_fail_at(status, "%s", intake->where);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++)
            images->labels[i] = (uint16_t)place[images->labels[i]];
    }
    const char **names = NULL;
    if (status == CVY_OK && !are_numbers)
        status = cvy_memory_create(count, sizeof *names, &names);
    for (size_t i = 0; status == CVY_OK && !are_numbers && i < labels->count; i++)
        names[place[i]] = labels->texts[i];
    if (status == CVY_OK)
        status = cvy_intake_name_classes(intake, count, names);
    cvy_memory_free(names);
    cvy_memory_free(place);
    return status;
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
        status = name_classes(intake, &labels);
    cvy_names_release(&labels);
    return status;
}

const cvy_dataset_kind cvy_dataset_csv = {
    .kind = { .name = "csv", .summary = "a CSV file with a label and pixels on each line" },
    .recognises = recognises,
    .open = open_csv,
};
