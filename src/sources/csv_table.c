/* The layout of a CSV file: separator, column names, label column and image form. */
#include "sources/csv_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/plural.h"

enum { LABEL_ROWS = 1000 /* rows read to find the label column */ };

/* Skip a quoted text up to its closing quote; `text` is after the opening one. */
static const char *skip_quoted(const char *text)
{
    for (; *text != '\0' && (*text != '"' || text[1] == '"'); text++)
        text += *text == '"';
    return text;
}

/* Count the cells as cvy_csv_cut_cell() cuts them: a quote matters only where a cell begins. */
static size_t count_columns(const char *text, char separator)
{
    size_t count = 0;

    for (; text != NULL; count++) {
        while ((*text == ' ' || *text == '\t') && *text != separator)
            text++;
        if (*text == '"')
            text = skip_quoted(text + 1);
        text = strchr(text, separator);
        text = text != NULL ? text + 1 : NULL;
    }
    return count;
}

char cvy_csv_find_separator(const char *text)
{
    const size_t commas = count_columns(text, ','), semicolons = count_columns(text, ';');
    const size_t tabs = count_columns(text, '\t');

    /* numbers with a decimal comma have one comma for each semicolon or tab */
    return commas > semicolons && commas > tabs   ? ','
           : semicolons > 1 && semicolons >= tabs ? ';'
           : tabs > 1                             ? '\t'
                                                  : ',';
}

/* Read a number that is no short integer; 0,5 is 0.5, as the separator cannot be a comma then. */
static bool read_fraction(const char *cell, double *number)
{
    char text[64], *end;
    const size_t length = strlen(cell);

    if (length == 0 || length >= sizeof text || cell[strspn(cell, "+-0123456789.,eE")] != '\0')
        return false;
    memcpy(text, cell, length + 1);
    char *comma = strchr(text, ',');
    if (comma != NULL && strchr(text, '.') == NULL)
        *comma = '.';
    *number = cvy_number_read(text, &end);
    return *end == '\0' && isfinite(*number);
}

/* Whether a cell is a number; store it. */
static bool read_number(const char *cell, double *number)
{
    /* fast path for nearly all cells: an integer of up to three digits */
    unsigned value = 0;
    size_t digits = 0;
    while (digits < 3 && cell[digits] >= '0' && cell[digits] <= '9')
        value = 10 * value + (unsigned)(cell[digits++] - '0');
    if (digits > 0 && cell[digits] == '\0') {
        *number = value;
        return true;
    }
    return read_fraction(cell, number);
}

/* Whether a cell marks a missing number. Such words are not column names. */
static bool is_no_value(const char *cell)
{
    static const char *const words[] = {
        "nan", "inf", "infinity", "na", "n/a", "null", "none", "?"
    };

    cell += *cell == '-' || *cell == '+';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (cvy_same_letters(cell, words[i]))
            return true;
    return false;
}

bool cvy_csv_is_label_name(const char *cell)
{
    static const char *const names[] = { "label",    "labels", "class",    "target",  "y",
                                         "category", "digit",  "letter",   "emotion", "character",
                                         "classes",  "symbol", "class_id", "label_id" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (cvy_same_letters(cell, names[i]))
            return true;
    return false;
}

/* Whether a column that does not belong to the image may have this name: pandas writes row numbers
 * under an empty one, and reads them again as "Unnamed: 0". */
static bool is_row_name(const char *cell)
{
    return cell[0] == '\0' || cvy_same_letters(cell, "Unnamed: 0") ||
           cvy_same_letters(cell, "id") || cvy_same_letters(cell, "index");
}

static bool has_digit(const char *cell)
{
    return cell[strcspn(cell, "0123456789")] != '\0';
}

/* Take the sides from the name of the last pixel: "28x28" counts rows and columns from 1. */
static bool read_sides(const char *cell, cvy_form *form)
{
    char extra;
    return sscanf(cell, "%4zux%4zu%c", &form->height, &form->width, &extra) == 2;
}

/* Find the side of a square with this many values, in one or three channels. */
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

/* Leave out a first column of row numbers, or an empty last one, if the others are an image. */
static void leave_out_columns(cvy_csv_table *t, const char *first, const char *last)
{
    cvy_form form;

    if (t->has_header && t->columns > 5 && is_row_name(first) && !cvy_csv_is_label_name(last) &&
        has_digit(last) && find_square(t->columns - 1, &form)) { /* row numbers and no labels */
        t->lead = 1;
        t->columns--;
        return;
    }
    if (t->columns < 3 || find_square(t->columns - 1, &form) || !find_square(t->columns - 2, &form))
        return;
    t->lead = is_row_name(first);
    t->tail = t->lead == 0 && last[0] == '\0';
    t->columns -= t->lead + t->tail;
}

/* Pixels have numbers in their names, labels have none. */
static void find_label_name(cvy_csv_table *t, const char *first, const char *last)
{
    cvy_form form;
    const bool is_first = cvy_csv_is_label_name(first),
               numbered = has_digit(first) && has_digit(last);

    t->label_is_last =
        !is_first && (cvy_csv_is_label_name(last) || (has_digit(first) && !has_digit(last)));
    t->is_unlabelled = !is_first && numbered && find_square(t->columns, &form);
    t->is_label_unnamed = !is_first && numbered && !t->is_unlabelled;
}

/* Find the label column and the pixel layout from the column names. */
static cvy_status read_header(cvy_csv_table *t, char *text)
{
    char *rest = text;
    const char *first = "", *last = "";
    const size_t count = t->columns + t->lead + t->tail;
    size_t middle = 0;
    cvy_form named = { 0 };

    for (size_t i = 0; i < count && rest != NULL; i++) {
        const char *cell = cvy_csv_cut_cell(&rest, t->separator);
        if (cell == NULL)
            return cvy_csv_fail_quote(t->lines, i);
        first = i == t->lead ? cell : first;
        last = i == t->lead + t->columns - 1 ? cell : last;
        middle = middle == 0 && i > t->lead && i + 1 < t->lead + t->columns &&
                         cvy_csv_is_label_name(cell)
                     ? i
                     : middle;
        if (read_sides(cell, &named) && named.height * named.width + 1 == t->columns)
            t->form = (cvy_form){ named.height, named.width, 1 };
    }
    if (middle > 0 && !cvy_csv_is_label_name(first) && !cvy_csv_is_label_name(last))
        t->label_inside = middle;
    else
        find_label_name(t, first, last);
    return CVY_OK;
}

/* Columns that make an image without a label have none. */
static cvy_status find_form(cvy_csv_table *t)
{
    cvy_form form;

    if (t->form.height > 0 && !t->is_unlabelled)
        return CVY_OK;
    if (!t->is_unlabelled && t->columns >= 2 && find_square(t->columns - 1, &t->form))
        return CVY_OK;
    if (find_square(t->columns, &form) && (t->is_unlabelled || t->columns > 4)) {
        t->is_unlabelled = true;
        t->form = form;
        return CVY_OK;
    }
    return cvy_fail(
        CVY_ERR_DATA,
        "%s: %zu column%s between commas, semicolons or tabs, expected a label and the pixels of "
        "square images, as in 1 + 28 x 28 = 785",
        t->path, t->columns, cvy_plural(t->columns));
}

/* What to do with a table of file names in place of pixels; NULL: it is none. */
static const char *advise_on_cell(const char *cell)
{
    static const char *const endings[] = {
        ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff"
    };

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (cvy_ends_in_letters(cell, endings[i]))
            return "That is a table of file names: put the pictures of each class into a folder of "
                   "its own, and give the folder of these folders.";
    return NULL;
}

static cvy_status fail_cell(const cvy_csv_table *t, size_t column, const char *cell,
                            const char *expected)
{
    cvy_fail(CVY_ERR_DATA, "%s: line %zu, column %zu: found %s%.40s%s, expected %s", t->path,
             cvy_csv_line_number(t->lines), column + 1, cell[0] == '\0' ? "" : "\"",
             cell[0] == '\0' ? "nothing" : cell, cell[0] == '\0' ? "" : "\"", expected);
    return cvy_fail_advise(CVY_ERR_DATA, advise_on_cell(cell));
}

static cvy_status check_columns(const cvy_csv_table *t, const char *text)
{
    const size_t found = count_columns(text, t->separator);
    const size_t expected = t->lead + t->columns + t->tail;

    return found == expected ? CVY_OK
                             : cvy_fail(CVY_ERR_DATA, "%s: line %zu: found %zu cells, expected %zu",
                                        t->path, cvy_csv_line_number(t->lines), found, expected);
}

/* Properties that tell labels from pixels: a label column holds text, or several values. */
typedef struct {
    bool has_text, varies, is_label; /* is_label: all integers below CVY_CLASSES_MAX */
    bool is_pixel;                   /* all from 0 to 255 */
    double first, largest;
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
    c->largest = number > c->largest ? number : c->largest;
    c->is_pixel &= number >= 0 && number <= 255;
    c->is_label &= number >= 0 && number < CVY_CLASSES_MAX && number == floor(number);
}

cvy_status cvy_csv_table_find_label(cvy_csv_table *t)
{
    column_look first = { .is_label = true, .is_pixel = true }, last = first;
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
        if (status != CVY_OK)
            break; /* the first pass reports the error */
        for (size_t column = 0; rest != NULL; column++) {
            const char *cell = cvy_csv_cut_cell(&rest, t->separator);
            if (cell == NULL)
                return CVY_OK; /* likewise */
            if (column == t->lead)
                look(&first, cell, row == (size_t)t->has_header);
            if (column == t->lead + t->columns - 1)
                look(&last, cell, row == (size_t)t->has_header);
        }
    }
    const bool last_is_smaller =
        last.varies && last.is_label &&
        (!first.varies || (first.is_pixel && 4 * last.largest < first.largest));
    t->label_is_last = !first.has_text &&
                       (last.has_text || (!first.is_label && first.is_pixel) || last_is_smaller);
    return CVY_OK;
}

double cvy_csv_table_pixel_factor(const cvy_csv_table *table)
{
    return table->has_fractions && table->largest <= 1 ? 255 : 1;
}

cvy_status cvy_csv_table_read_line(const cvy_csv_table *t, char *text, double *pixels, char **label)
{
    const size_t end = t->lead + t->columns;
    const size_t label_column = t->is_unlabelled      ? SIZE_MAX
                                : t->label_inside > 0 ? t->label_inside
                                : t->label_is_last    ? end - 1
                                                      : t->lead;
    char *rest = text;
    size_t pixel = 0;
    cvy_status status = check_columns(t, text);

    for (size_t column = 0; status == CVY_OK && column < end && rest != NULL; column++) {
        char *cell = cvy_csv_cut_cell(&rest, t->separator);
        if (cell == NULL)
            return cvy_csv_fail_quote(t->lines, column);
        if (column < t->lead)
            continue;
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

/* Whether the cells count 0, 1, 2, ..., after an empty one where row numbers are below it: pandas
 * names columns so. */
static bool is_counting(char *text, char separator)
{
    char *rest = text;
    double number;
    size_t begin = 0, i = 0;

    for (; rest != NULL; i++) {
        const char *cell = cvy_csv_cut_cell(&rest, separator);
        if (cell == NULL)
            return false;
        if (i == 0 && cell[0] == '\0')
            begin = 1;
        else if (!read_number(cell, &number) || number != (double)(i - begin))
            return false;
    }
    return i - begin >= 5;
}

/* Whether the first line holds names: its second column, always a pixel, is no number; or it
 * counts. */
static cvy_status look_at_first_line(cvy_csv_table *t, const char *text)
{
    char *copy = NULL, *cell = NULL, *last = NULL, *rest;
    double number;
    cvy_status status = cvy_text_copy(text, &copy);

    if (status != CVY_OK)
        return status;
    t->has_header = is_counting(copy, t->separator);
    memcpy(copy, text, strlen(text) + 1);
    char *first = rest = copy;
    for (size_t i = 0; rest != NULL && (cell = cvy_csv_cut_cell(&rest, t->separator)) != NULL;
         i++) {
        first = i == 0 ? cell : first;
        last = cell;
        t->has_header |=
            i == 1 && cell[0] != '\0' && !read_number(cell, &number) && !is_no_value(cell);
    }
    if (cell != NULL)
        leave_out_columns(t, t->has_header ? first : "label", last);
    cvy_memory_free(copy);
    return CVY_OK;
}

cvy_status cvy_csv_table_open(const char *path, cvy_csv_table *t)
{
    char *text;
    size_t length;

    *t = (cvy_csv_table){ .path = path };
    cvy_status status = cvy_csv_open(path, &t->lines);
    if (status == CVY_OK)
        status = cvy_csv_next(t->lines, &text, &length);
    if (status != CVY_OK)
        return status;
    if (text == NULL)
        return cvy_fail(CVY_ERR_READ, "%s: the file is empty", path);
    t->separator = cvy_csv_find_separator(text);
    t->columns = count_columns(text, t->separator);
    status = look_at_first_line(t, text);
    if (status == CVY_OK && t->has_header)
        status = read_header(t, text);
    if (status == CVY_OK)
        status = find_form(t);
    return status;
}
