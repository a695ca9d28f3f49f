/* Rows of settings: text in, text out. */
#include "base/settings.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/number.h"

enum { RANGE_BYTES = 512, SHOWN_BYTES = 80 };

static bool is_inside(const cvy_setting *row, double value)
{
    bool is_above = row->bounds & CVY_ABOVE_MIN ? value > row->min : value >= row->min;
    bool is_below = row->bounds & CVY_BELOW_MAX ? value < row->max : value <= row->max;
    return is_above && is_below;
}

/* Read a number that ends at the first byte that no number contains. */
static bool read_number(const cvy_setting *row, const char *text, const char **end, double *result)
{
    /* strtod() alone would also accept spaces, hexadecimal numbers, "inf" and "nan" */
    const size_t length = strspn(text, "+-.0123456789eE");
    char *stop = NULL;

    if (length == 0)
        return false;
    const double value = cvy_number_read(text, &stop);
    *end = text + length;
    if (stop != *end || !isfinite(value) || !is_inside(row, value))
        return false;
    *result = value;
    return true;
}

static bool is_none(const char *text)
{
    return strcmp(text, "none") == 0 || strcmp(text, "None") == 0;
}

static bool read_float(const cvy_setting *row, const char *text, double *result)
{
    const char *end;
    double value;

    if (row->bounds & CVY_OR_NONE && is_none(text))
        value = NAN;
    else if (!read_number(row, text, &end, &value) || *end != '\0')
        return false;
    *result = value;
    return true;
}

/* Skip a ';' or ',' between the elements of a list, and the spaces around it; NULL if there is
 * none. */
static const char *skip_separator(const char *at)
{
    at += strspn(at, " ");
    if (*at != ';' && *at != ',')
        return NULL;
    return at + 1 + strspn(at + 1, " ");
}

/* "[a;b;c]" or "[a, b, c]", or "a" for a list of one */
static bool read_float_list(const cvy_setting *row, const char *text, cvy_float_list *result)
{
    const bool has_brackets = text[0] == '[';
    const char *at = text + has_brackets, *next = at;
    cvy_float_list list = { 0 };

    while (next != NULL) {
        if (list.count == CVY_LIST_MAX || !read_number(row, next, &at, &list.values[list.count++]))
            return false;
        next = has_brackets ? skip_separator(at) : NULL;
    }
    if (strcmp(at, has_brackets ? "]" : "") != 0)
        return false;
    *result = list;
    return true;
}

/* `length` digits and nothing else. */
static bool read_count(const cvy_setting *row, const char *text, size_t length, size_t *result)
{
    size_t value = 0;

    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (size_t)(text[i] - '0'), &value))
            return false;
    }
    if (!is_inside(row, (double)value))
        return false;
    *result = value;
    return true;
}

static bool read_count_pair(const cvy_setting *row, const char *text, size_t *result)
{
    size_t length = strlen(text), first, second;
    const char *middle = text + strcspn(text, ";,");
    const char *next = skip_separator(middle);

    if (next == NULL) {
        if (!read_count(row, text, length, &first))
            return false;
        second = first;
    } else if (text[0] != '[' || text[length - 1] != ']' ||
               !read_count(row, text + 1, (size_t)(middle - text - 1), &first) ||
               !read_count(row, next, (size_t)(text + length - 1 - next), &second)) {
        return false;
    }
    result[0] = first;
    result[1] = second;
    return true;
}

static bool read_bool(const char *text, bool *result)
{
    bool is_true = strcmp(text, "true") == 0 || strcmp(text, "True") == 0;

    if (!is_true && strcmp(text, "false") != 0 && strcmp(text, "False") != 0)
        return false;
    *result = is_true;
    return true;
}

static bool read_choice(const cvy_setting *row, const char *text, int *result)
{
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *result = i;
            return true;
        }
    }
    return false;
}

static bool read_name(const char *text, size_t size, char *result)
{
    size_t length = strlen(text);

    if (length >= size)
        return false;
    memcpy(result, text, length + 1);
    return true;
}

static bool add_text(const char *text, cvy_text_list *list)
{
    if (list->count == CVY_LIST_MAX)
        return false;
    list->texts[list->count++] = text;
    return true;
}

static bool read_value(const cvy_setting *row, const char *text, void *member)
{
    switch (row->type) {
    case CVY_FLOAT:
        return read_float(row, text, member);
    case CVY_FLOAT_LIST:
        if (!(row->bounds & CVY_OR_NONE && is_none(text)))
            return read_float_list(row, text, member);
        *(cvy_float_list *)member = (cvy_float_list){ 1, { NAN } };
        return true;
    case CVY_COUNT:
        if (!(row->bounds & CVY_OR_NONE && is_none(text)) &&
            !(row->bounds & CVY_OR_FULL && strcmp(text, "full") == 0))
            return read_count(row, text, strlen(text), member);
        *(size_t *)member = 0;
        return true;
    case CVY_COUNT_PAIR:
        return read_count_pair(row, text, member);
    case CVY_BOOL:
        return read_bool(text, member);
    case CVY_CHOICE:
        return read_choice(row, text, member);
    case CVY_NAME:
        return read_name(text, CVY_NAME_BYTES, member);
    case CVY_PATH:
        return read_name(text, CVY_PATH_BYTES, member);
    case CVY_TEXT:
        memcpy(member, &text, sizeof text);
        return true;
    case CVY_TEXT_LIST:
        return add_text(text, member);
    }
    assert(!"a type that settings have");
    return false;
}

/* Explain a damaged list: without quotes, a shell ends the command at its ';'. NULL: nothing is likely. */
static const char *explain_brackets(const char *text)
{
    if (text[0] == '[' && strchr(text, ']') == NULL)
        return "The bracket is not closed. A shell ends the command at ';': write [A,B], or put "
               "the whole value in quotes.";
    if (text[0] == '(')
        return "A list is written in brackets: [A,B].";
    if (strpbrk(text, ";:") != NULL && strchr(text, '=') != NULL)
        return "Settings are separated by commas: KEY=VALUE,KEY=VALUE.";
    return NULL;
}

bool cvy_setting_accepts(const cvy_setting *row, const char *text)
{
    union {
        cvy_float_list numbers;
        cvy_text_list texts;
        char name[CVY_PATH_BYTES];
    } scratch = { .texts = { .count = 0 } };

    return read_value(row, text, &scratch);
}

cvy_status cvy_setting_parse(const cvy_setting *row, const char *text, void *values)
{
    char range[RANGE_BYTES], meant[CVY_NAME_BYTES];

    if (read_value(row, text, (char *)values + row->offset))
        return CVY_OK;
    cvy_setting_describe(row, range, sizeof range);
    cvy_fail(CVY_ERR_SETTING, "%s: found \"%.*s%s\", expected %s", row->name, SHOWN_BYTES, text,
             strlen(text) > SHOWN_BYTES ? "..." : "", range);
    if (cvy_value_meant(row, text, meant))
        cvy_fail_add(CVY_ERR_SETTING, "; did you mean %s?", meant);
    return cvy_fail_advise(CVY_ERR_SETTING, explain_brackets(text));
}

void cvy_settings_default(const cvy_setting *rows, void *values)
{
    for (const cvy_setting *row = rows; row->name != NULL; row++) {
        if (row->fallback == NULL)
            continue;
        bool is_read = read_value(row, row->fallback, (char *)values + row->offset);
        assert(is_read);
        (void)is_read;
    }
}

const cvy_setting *cvy_setting_find(const cvy_setting *rows, const char *name)
{
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static void print_float(double value, char text[CVY_NUMBER_BYTES])
{
    if (isnan(value))
        snprintf(text, CVY_NUMBER_BYTES, "none");
    else
        cvy_number_short(value, text);
}

static void print_float_list(const cvy_float_list *list, char *text, size_t size)
{
    char number[CVY_NUMBER_BYTES];
    size_t length = 0;

    if (list->count == 1 && isnan(list->values[0])) {
        snprintf(text, size, "none");
        return;
    }
    for (size_t i = 0; i < list->count && length < size; i++) {
        print_float(list->values[i], number);
        length +=
            (size_t)snprintf(text + length, size - length, "%c%s", i == 0 ? '[' : ';', number);
    }
    if (length < size)
        snprintf(text + length, size - length, "]");
}

static void print_texts(const cvy_text_list *list, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s", "");

    for (size_t i = 0; i < list->count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "",
                                   list->texts[i]);
}

void cvy_setting_print(const cvy_setting *row, const void *values, char *text, size_t size)
{
    const char *member = (const char *)values + row->offset;
    const size_t *counts = (const void *)member;
    char number[CVY_NUMBER_BYTES];
    const char *owned;

    switch (row->type) {
    case CVY_FLOAT:
        print_float(*(const double *)(const void *)member, number);
        snprintf(text, size, "%s", number);
        break;
    case CVY_FLOAT_LIST:
        print_float_list((const void *)member, text, size);
        break;
    case CVY_COUNT:
        if (row->bounds & (CVY_OR_NONE | CVY_OR_FULL) && counts[0] == 0)
            snprintf(text, size, "%s", row->bounds & CVY_OR_NONE ? "none" : "full");
        else
            snprintf(text, size, "%zu", counts[0]);
        break;
    case CVY_COUNT_PAIR:
        if (counts[0] == counts[1])
            snprintf(text, size, "%zu", counts[0]);
        else
            snprintf(text, size, "[%zu;%zu]", counts[0], counts[1]);
        break;
    case CVY_BOOL:
        snprintf(text, size, "%s", *(const bool *)member ? "true" : "false");
        break;
    case CVY_CHOICE:
        snprintf(text, size, "%s", row->choices[*(const int *)(const void *)member]);
        break;
    case CVY_NAME:
    case CVY_PATH:
        snprintf(text, size, "%s", member);
        break;
    case CVY_TEXT:
        memcpy(&owned, member, sizeof owned);
        snprintf(text, size, "%s", owned != NULL ? owned : "");
        break;
    case CVY_TEXT_LIST:
        print_texts((const void *)member, text, size);
        break;
    }
}

static void describe_float(const cvy_setting *row, char *text, size_t size)
{
    const bool is_above = row->bounds & CVY_ABOVE_MIN, is_below = row->bounds & CVY_BELOW_MAX;
    const char *also = row->bounds & CVY_OR_NONE ? ", or none" : "";
    char min[CVY_NUMBER_BYTES], max[CVY_NUMBER_BYTES], several[CVY_NUMBER_BYTES];

    if (row->type == CVY_FLOAT_LIST) {
        snprintf(several, sizeof several, ", or up to %d as [A;B;...]", CVY_LIST_MAX);
        also = several;
    }
    print_float(row->min, min);
    print_float(row->max, max);
    if (isinf(row->min) && isinf(row->max))
        snprintf(text, size, "a number%s", also);
    else if (isinf(row->max))
        snprintf(text, size, "a number%s %s%s", is_above ? " above" : ", at least", min, also);
    else if (isinf(row->min))
        snprintf(text, size, "a number%s %s%s", is_below ? " below" : ", at most", max, also);
    else if (row->min == row->max)
        snprintf(text, size, "the number %s%s", min, also);
    else
        snprintf(text, size, "a number in %c%s, %s%c%s", is_above ? '(' : '[', min, max,
                 is_below ? ')' : ']', also);
}

static void describe_count(const cvy_setting *row, char *text, size_t size)
{
    const double min = row->bounds & CVY_ABOVE_MIN ? row->min + 1 : row->min;
    const double max = row->bounds & CVY_BELOW_MAX ? row->max - 1 : row->max;
    const char *also = row->type == CVY_COUNT_PAIR ? ", or two as [A;B]"
                       : row->bounds & CVY_OR_NONE ? ", or none"
                       : row->bounds & CVY_OR_FULL ? ", or full"
                                                   : "";

    if (max >= (double)SIZE_MAX)
        snprintf(text, size, "a whole number, at least %.0f%s", fmax(min, 0), also);
    else if (min == max)
        snprintf(text, size, "the number %.0f%s", min, also);
    else
        snprintf(text, size, "a whole number from %.0f to %.0f%s", fmax(min, 0), max, also);
}

static void describe_choice(const cvy_setting *row, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; row->choices[i] != NULL && length < size; i++) {
        const char *between = i == 0 ? "" : row->choices[i + 1] == NULL ? " or " : ", ";
        length += (size_t)snprintf(text + length, size - length, "%s%s", between, row->choices[i]);
    }
}

void cvy_setting_describe(const cvy_setting *row, char *text, size_t size)
{
    switch (row->type) {
    case CVY_FLOAT:
    case CVY_FLOAT_LIST:
        describe_float(row, text, size);
        break;
    case CVY_COUNT:
    case CVY_COUNT_PAIR:
        describe_count(row, text, size);
        break;
    case CVY_BOOL:
        snprintf(text, size, "true or false");
        break;
    case CVY_CHOICE:
        describe_choice(row, text, size);
        break;
    case CVY_NAME:
        snprintf(text, size, "a text of at most %d bytes", CVY_NAME_BYTES - 1);
        break;
    case CVY_TEXT:
        snprintf(text, size, "a text");
        break;
    case CVY_PATH:
        snprintf(text, size, "a file's name of at most %d bytes", CVY_PATH_BYTES - 1);
        break;
    case CVY_TEXT_LIST:
        snprintf(text, size, "a text, at most %d times", CVY_LIST_MAX);
        break;
    }
}
