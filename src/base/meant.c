/* Values in the notation of other programs. Each function rewrites a text in one way; the first
 * result that the row accepts is the answer. */
#include "base/meant.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/number.h"

enum { NAMES_MAX = 32, DIGITS_MAX = 15 };

/* Rewrite `text`; returns false if it is not written in this notation. */
typedef bool rewrite(const cvy_setting *row, const char *text, char *meant);

/* Print a number as the row reads it; false if it does not fit. */
static bool print_number(const cvy_setting *row, double value, char *meant)
{
    if (row->type == CVY_FLOAT)
        return cvy_number_text(meant, CVY_NAME_BYTES, "%.6g", value) > 0;
    return value >= 0 && value < 9e15 && value == floor(value) &&
           snprintf(meant, CVY_NAME_BYTES, "%.0f", value) > 0;
}

/* Read digits and at most one point, followed by *rest. */
static bool read_decimal(const char *text, double *value, const char **rest)
{
    const size_t length = strspn(text, "+-0123456789.eE");
    char *end;

    *value = cvy_number_read(text, &end);
    *rest = end;
    return end != text && end <= text + length;
}

/* Quotes, spaces and the remains of a list around it: "5,", "'adam'", "“3”". */
static bool strip_marks(const cvy_setting *row, const char *text, char *meant)
{
    static const char *const marks[] = { "\u201c", "\u201d", "\u2018", "\u2019", "'",
                                         "\"",     " ",      ",",      ";",      "`" };
    const size_t before = strlen(text);
    size_t length = before;

    (void)row;
    for (bool is_done = false; !is_done && length > 0;) {
        is_done = true;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            const size_t size = strlen(marks[i]);
            if (length >= size && memcmp(text, marks[i], size) == 0) {
                text += size, length -= size;
                is_done = false;
            }
            if (length >= size && memcmp(text + length - size, marks[i], size) == 0) {
                length -= size;
                is_done = false;
            }
        }
    }
    return length < before &&
           snprintf(meant, CVY_NAME_BYTES, "%.*s", (int)length, text) < CVY_NAME_BYTES;
}

/* "lr=0.1": the name is repeated. */
static bool strip_name(const cvy_setting *row, const char *text, char *meant)
{
    const char *value = strpbrk(text, "=:");

    (void)row;
    return value != NULL && cvy_is_letter(*text) &&
           snprintf(meant, CVY_NAME_BYTES, "%s", value + 1) < CVY_NAME_BYTES;
}

/* "20%" */
static bool take_percent(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest;
    double value;

    return row->type == CVY_FLOAT && read_decimal(text, &value, &rest) && strcmp(rest, "%") == 0 &&
           print_number(row, value / 100, meant);
}

/* "98" for a fraction */
static bool take_hundredths(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest;
    double value;

    return row->type == CVY_FLOAT && row->max == 1 && read_decimal(text, &value, &rest) &&
           *rest == '\0' && value >= 2 && value <= 100 && print_number(row, value / 100, meant);
}

/* "0,2" */
static bool take_decimal_comma(const cvy_setting *row, const char *text, char *meant)
{
    char *comma;

    if (row->type != CVY_FLOAT || strlen(text) >= CVY_NAME_BYTES)
        return false;
    snprintf(meant, CVY_NAME_BYTES, "%s", text);
    comma = strchr(meant, ',');
    if (comma != NULL)
        *comma = '.';
    return comma != NULL;
}

/* "1/10" */
static bool take_fraction(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest, *end;
    double above, below;

    return row->type == CVY_FLOAT && read_decimal(text, &above, &rest) && *rest == '/' &&
           read_decimal(rest + 1, &below, &end) && *end == '\0' && above > 0 && below > above &&
           print_number(row, above / below, meant);
}

/* "80/20", "90:10": both parts in hundredths. */
static bool take_parts(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest, *end;
    double kept, other;

    return row->type == CVY_FLOAT && row->max == 1 && read_decimal(text, &kept, &rest) &&
           (*rest == '/' || *rest == ':') && read_decimal(rest + 1, &other, &end) && *end == '\0' &&
           fabs(kept + other - (kept > 1 ? 100 : 1)) < 1e-9 &&
           print_number(row, kept > 1 ? other / 100 : other, meant);
}

/* "2^5", "10**-3" */
static bool take_power(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest, *end;
    double base, exponent;

    if (!read_decimal(text, &base, &rest) || (*rest != '^' && strncmp(rest, "**", 2) != 0))
        return false;
    return read_decimal(rest + (*rest == '^' ? 1 : 2), &exponent, &end) && *end == '\0' &&
           base > 0 && fabs(exponent) < 64 && print_number(row, pow(base, exponent), meant);
}

/* A minus sign that is not a hyphen: "1e\u22123". */
static bool take_minus(const cvy_setting *row, const char *text, char *meant)
{
    const char *minus = strstr(text, "\u2212");

    (void)row;
    if (minus == NULL)
        minus = strstr(text, "\u2013");
    return minus != NULL && snprintf(meant, CVY_NAME_BYTES, "%.*s-%s", (int)(minus - text), text,
                                     minus + 3) < CVY_NAME_BYTES;
}

/* "20,000", "1_000", "60'000" */
static bool take_groups(const cvy_setting *row, const char *text, char *meant)
{
    size_t digits = 0, in_group = 0;
    bool has_groups = false;

    if (row->type != CVY_COUNT)
        return false;
    for (; *text != '\0' && digits < DIGITS_MAX; text++) {
        if (isdigit((unsigned char)*text)) {
            meant[digits++] = *text;
            in_group++;
        } else if (strchr(",_' ", *text) != NULL && in_group > 0 &&
                   (!has_groups || in_group == 3)) {
            has_groups = true;
            in_group = 0;
        } else {
            return false;
        }
    }
    meant[digits] = '\0';
    /* "64,128" is more likely a list */
    return has_groups && in_group == 3 && *text == '\0' && text[-1] == '0' && text[-2] == '0';
}

/* "5.0", "1e4" and "10k" for a whole number; "3epochs", "0.1f". */
static bool take_unit(const cvy_setting *row, const char *text, char *meant)
{
    const char *rest;
    double value;

    if (!read_decimal(text, &value, &rest))
        return false;
    if (cvy_same_letters(rest, "k"))
        value *= 1e3;
    else if (cvy_same_letters(rest, "m"))
        value *= 1e6;
    else if (rest[strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")] != '\0')
        return false;
    return print_number(row, value, meant);
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (cvy_same_letters(text, *words))
            return true;
    return false;
}

/* Words of other languages. */
static bool take_word(const cvy_setting *row, const char *text, char *meant)
{
    static const char *const yes[] = { "true", "yes", "y", "on", "1", "t", "enable", NULL };
    static const char *const no[] = { "false", "no", "n", "off", "0", "f", "disable", NULL };
    static const char *const nothing[] = { "null", "none", "nil", "na", "off", "no", "", NULL };
    static const char *const everything[] = { "all", "full", "max", "inf", "whole", "-1", NULL };
    const char *word = NULL;

    if (row->type == CVY_BOOL || row->type == CVY_CHOICE)
        word = is_one_of(text, yes) ? "true" : is_one_of(text, no) ? "false" : NULL;
    else if (row->bounds & CVY_OR_NONE && is_one_of(text, nothing))
        word = "none";
    else if (row->bounds & CVY_OR_FULL && is_one_of(text, everything))
        word = "full";
    else if ((row->type == CVY_COUNT || row->type == CVY_FLOAT) && *text != '\0' &&
             is_one_of(text, nothing))
        word = "0";
    if (word != NULL)
        snprintf(meant, CVY_NAME_BYTES, "%s", word);
    return word != NULL;
}

/* One of the choices in another case, its beginning, or a misspelling. */
static bool take_choice(const cvy_setting *row, const char *text, char *meant)
{
    const size_t length = strlen(text);
    size_t count = 0;

    if (row->type != CVY_CHOICE)
        return false;
    for (; count < NAMES_MAX && row->choices[count] != NULL; count++) {
        const char *choice = row->choices[count];
        const bool is_beginning = (length >= 2 && cvy_begins_with_letters(choice, text)) ||
                                  (strlen(choice) >= 3 && cvy_begins_with_letters(text, choice));
        if (is_beginning)
            return snprintf(meant, CVY_NAME_BYTES, "%s", row->choices[count]) > 0;
    }
    const char *nearest = cvy_nearest_name(text, row->choices, count);
    if (nearest != NULL)
        snprintf(meant, CVY_NAME_BYTES, "%s", nearest);
    return nearest != NULL;
}

bool cvy_value_meant(const cvy_setting *row, const char *text, char meant[CVY_NAME_BYTES])
{
    static rewrite *const ways[] = { strip_marks,        take_percent, take_hundredths, take_groups,
                                     take_decimal_comma, take_parts,   take_fraction,   take_power,
                                     take_minus,         take_word,    take_choice,     take_unit,
                                     strip_name };

    if (row->type > CVY_CHOICE || row->type == CVY_FLOAT_LIST || row->type == CVY_COUNT_PAIR)
        return false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i](row, text, meant) && cvy_setting_accepts(row, meant))
            return true;
    return false;
}
