/* Comma-separated values with all pixels of an image in one cell, as in FER2013:
 *     emotion,pixels,Usage
 *     0,70 80 82 72 ...,Training
 * The first line names the columns: `pixels`, one for the label, and possibly `Usage`, the part of the
 * image: Training, PublicTest (used for validation) or PrivateTest (the test). Images are square and
 * grey. The file is read twice: first to count and check, then to store. */
#include <math.h>
#include <string.h>

#include "base/letters.h"
#include "data/content.h"
#include "data/intake.h"
#include "sources/csv_table.h"
#include "sources/names.h"

enum { COLUMNS_MAX = 16, NONE = COLUMNS_MAX };

typedef struct {
    const char *path;
    cvy_csv_lines *lines;
    char separator;
    size_t columns, label, pixels, use; /* places of the columns; use: NONE without parts */
    size_t side;                        /* of the images; 0 before the first */
    size_t counts[CVY_PARTS], filled[CVY_PARTS];
    cvy_split undivided; /* the part without a column for it */
    cvy_names labels;
} cell_file;

/* ---- the columns ---- */

/* Find the columns in the first line; false if the file is another kind of table. */
static bool find_columns(cell_file *f, char *text)
{
    char *rest = text;

    f->separator = cvy_csv_find_separator(text);
    f->label = f->pixels = f->use = NONE;
    for (f->columns = 0; rest != NULL && f->columns < COLUMNS_MAX; f->columns++) {
        const char *cell = cvy_csv_cut_cell(&rest, f->separator);
        if (cell == NULL)
            return false;
        if (cvy_same_letters(cell, "pixels"))
            f->pixels = f->columns;
        else if (cvy_same_letters(cell, "usage") || cvy_same_letters(cell, "split"))
            f->use = f->columns;
        else if (f->label == NONE && cvy_csv_is_label_name(cell))
            f->label = f->columns;
    }
    return rest == NULL && f->pixels != NONE && f->label != NONE;
}

/* Open a file and read its first line; *is_kind: whether it has the columns of this kind. */
static cvy_status open_lines(const char *path, cell_file *f, bool *is_kind)
{
    char *text;
    size_t length;

    *f = (cell_file){ .path = path };
    *is_kind = false;
    cvy_status status = cvy_csv_open(path, &f->lines);
    if (status == CVY_OK)
        status = cvy_csv_next(f->lines, &text, &length);
    if (status == CVY_OK && text != NULL)
        *is_kind = find_columns(f, text);
    return status;
}

static bool recognises(const char *where)
{
    cell_file f;
    bool is_kind = false;
    const cvy_content content = cvy_content_of(where);
    if (content != CVY_CONTENT_TABLE && content != CVY_CONTENT_OTHER)
        return false;
    const cvy_status status = open_lines(where, &f, &is_kind);
    cvy_csv_close(f.lines);
    return status == CVY_OK && is_kind;
}

/* ---- a line ---- */

static cvy_status fail_line(const cell_file *f, size_t column, const char *found,
                            const char *expected)
{
    return cvy_fail(CVY_ERR_DATA, "%s: line %zu, column %zu: found \"%.40s\", expected %s", f->path,
                    cvy_csv_line_number(f->lines), column + 1, found, expected);
}

/* Cut a line into cells. */
static cvy_status cut_line(const cell_file *f, char *text, char *cells[COLUMNS_MAX])
{
    char *rest = text;
    size_t count = 0;

    for (; rest != NULL && count < f->columns; count++) {
        cells[count] = cvy_csv_cut_cell(&rest, f->separator);
        if (cells[count] == NULL)
            return cvy_csv_fail_quote(f->lines, count);
    }
    if (count < f->columns || rest != NULL)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: line %zu: %s than %zu cells, expected as many as columns", f->path,
                        cvy_csv_line_number(f->lines), rest != NULL ? "more" : "fewer", f->columns);
    return cells[f->label][0] != '\0' ? CVY_OK : fail_line(f, f->label, "", "a label");
}

static cvy_status find_part(const cell_file *f, const char *use, cvy_split *split)
{
    static const struct {
        const char *word;
        cvy_split split;
    } words[] = {
        { "training", CVY_SPLIT_TRAIN },        { "train", CVY_SPLIT_TRAIN },
        { "publictest", CVY_SPLIT_VALIDATION }, { "validation", CVY_SPLIT_VALIDATION },
        { "valid", CVY_SPLIT_VALIDATION },      { "val", CVY_SPLIT_VALIDATION },
        { "privatetest", CVY_SPLIT_TEST },      { "test", CVY_SPLIT_TEST },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (cvy_same_letters(use, words[i].word)) {
            *split = words[i].split;
            return CVY_OK;
        }
    return fail_line(f, f->use, use, "Training, PublicTest or PrivateTest");
}

/* Read the pixels of a cell, whole numbers from 0 to 255 between blanks, and count them; store up to
 * `room` of them. Lists as Python prints them, [0, 1, 2], are read too. */
static cvy_status read_pixels(const cell_file *f, const char *cell, size_t room, uint8_t *pixels,
                              size_t *count)
{
    static const char between[] = " \t,;[]()";

    *count = 0;
    for (const char *at = cell + strspn(cell, between); *at != '\0'; at += strspn(at, between)) {
        const size_t length = strcspn(at, between);
        unsigned value = 0;
        for (size_t i = 0; i < length && value <= 255; i++)
            value = at[i] >= '0' && at[i] <= '9' ? 10 * value + (unsigned)(at[i] - '0') : 256;
        if (value > 255)
            return fail_line(f, f->pixels, at, "whole numbers from 0 to 255 between blanks");
        if (*count < room)
            pixels[*count] = (uint8_t)value;
        ++*count;
        at += length;
    }
    return CVY_OK;
}

/* ---- the passes ---- */

/* Call `take` for each line after the first. */
static cvy_status for_lines(cell_file *f, cvy_intake *intake,
                            cvy_status (*take)(cell_file *f, cvy_intake *intake,
                                               char *cells[COLUMNS_MAX], cvy_split split))
{
    char *text, *cells[COLUMNS_MAX];
    size_t length;
    cvy_split split = f->undivided;
    cvy_status status = cvy_csv_rewind(f->lines);

    if (status == CVY_OK)
        status = cvy_csv_next(f->lines, &text, &length);
    while (status == CVY_OK) {
        status = cvy_csv_next(f->lines, &text, &length);
        if (status != CVY_OK || text == NULL)
            break;
        status = cut_line(f, text, cells);
        if (status == CVY_OK && f->use != NONE)
            status = find_part(f, cells[f->use], &split);
        if (status == CVY_OK && cvy_intake_wants(intake, split))
            status = take(f, intake, cells, split);
    }
    return status;
}

static cvy_status count_line(cell_file *f, cvy_intake *intake, char *cells[COLUMNS_MAX],
                             cvy_split split)
{
    size_t count, place;
    cvy_status status = read_pixels(f, cells[f->pixels], 0, NULL, &count);

    (void)intake;
    if (status == CVY_OK && f->side == 0) {
        f->side = (size_t)lround(sqrt((double)count));
        if (count == 0 || f->side * f->side != count)
            return cvy_fail(CVY_ERR_DATA,
                            "%s: line %zu: %zu pixels, expected those of a square image", f->path,
                            cvy_csv_line_number(f->lines), count);
    }
    if (status == CVY_OK && count != f->side * f->side)
        return cvy_fail(CVY_ERR_DATA, "%s: line %zu: %zu pixels, expected %zu x %zu as before",
                        f->path, cvy_csv_line_number(f->lines), count, f->side, f->side);
    if (status == CVY_OK)
        status = cvy_names_add(&f->labels, cells[f->label], &place);
    if (status == CVY_ERR_DATA)
        status = cvy_fail_at(status, "%s: line %zu", f->path, cvy_csv_line_number(f->lines));
    f->counts[split]++;
    return status;
}

static cvy_status keep_line(cell_file *f, cvy_intake *intake, char *cells[COLUMNS_MAX],
                            cvy_split split)
{
    uint8_t image[CVY_IMAGE_SIDE_MAX * CVY_IMAGE_SIDE_MAX];
    size_t count;
    const size_t place = cvy_names_find(&f->labels, cells[f->label]);
    const cvy_status status = read_pixels(f, cells[f->pixels], sizeof image, image, &count);

    if (status != CVY_OK)
        return status;
    if (count != f->side * f->side || place == f->labels.count ||
        f->filled[split] == f->counts[split])
        return cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", f->path);
    cvy_dataset_part(intake->dataset, split)->labels[f->filled[split]] = (uint16_t)place;
    cvy_intake_put(intake, split, f->filled[split]++, 1, image);
    return CVY_OK;
}

static cvy_status read_all(cell_file *f, cvy_intake *intake)
{
    cvy_images *part;
    cvy_status status = for_lines(f, intake, count_line);

    if (status == CVY_OK && f->side > CVY_IMAGE_SIDE_MAX)
        status = cvy_fail(CVY_ERR_DATA, "%s: images of %zu x %zu, expected sides of at most %d",
                          f->path, f->side, f->side, CVY_IMAGE_SIDE_MAX);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (f->counts[p] > 0)
            status = cvy_intake_begin(intake, (cvy_split)p, f->counts[p],
                                      (cvy_form){ f->side, f->side, 1 }, &part);
    if (status == CVY_OK)
        status = for_lines(f, intake, keep_line);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (f->filled[p] < f->counts[p])
            status = cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", f->path);
    return status == CVY_OK && f->labels.count > 0 ? cvy_names_to_classes(&f->labels, intake)
                                                   : status;
}

static cvy_status open_cells(cvy_intake *intake)
{
    cell_file f;
    bool is_kind;
    cvy_status status = open_lines(intake->where, &f, &is_kind);

    if (status == CVY_OK && !is_kind)
        status = cvy_fail(CVY_ERR_READ, "%s: it changed while it was read", intake->where);
    if (status == CVY_OK && f.use == NONE)
        f.undivided = cvy_intake_undivided(intake);
    if (status == CVY_OK)
        status = read_all(&f, intake);
    cvy_names_release(&f.labels);
    cvy_csv_close(f.lines);
    return status;
}

const cvy_dataset_kind cvy_dataset_pixel_cells = {
    .kind = { .name = "pixel_cells",
              .summary = "a CSV file with all pixels of an image in one cell, as FER2013's" },
    .recognises = recognises,
    .open = open_cells,
};
