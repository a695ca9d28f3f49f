/* Lists of patterns that choose variables: Python regular expressions, as in Keras, translated to
 * POSIX extended ones. The two agree except for Python's escapes, which are translated here, and
 * for groups that begin with "(?" and repeats that end with "?", which POSIX lacks. Source: IEEE
 * Std 1003.1-2017, section 9.4; Python's documentation of module re. */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "optimizers/optimizer.h"

/* A Python class in POSIX, outside and inside brackets; NULL: POSIX cannot express it. */
typedef struct {
    char letter;
    const char *alone, *inside;
} class;

static const class classes[] = {
    { 'd', "[0-9]", "0-9" },
    { 'w', "[[:alnum:]_]", "[:alnum:]_" },
    { 's', "[[:space:]]", "[:space:]" },
    { 'D', "[^0-9]", NULL },
    { 'W', "[^[:alnum:]_]", NULL },
    { 'S', "[^[:space:]]", NULL },
    { 'A', "^", NULL },
    { 'Z', "$", NULL },
};

enum { LONGEST_CLASS = 13, EXPRESSION_BYTES = LONGEST_CLASS * CVY_NAME_BYTES };

/* A POSIX expression under construction. */
typedef struct {
    char text[EXPRESSION_BYTES];
    size_t length;
    bool is_in_brackets;
    char wrong[4]; /* a part that POSIX cannot express, or "" */
} expression;

static void append(expression *e, const char *more, size_t length)
{
    memcpy(e->text + e->length, more, length);
    e->length += length;
}

/* Append an escape: a backslash and one character. */
static void append_escape(expression *e, const char *at)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (classes[i].letter != at[1])
            continue;
        const char *text = e->is_in_brackets ? classes[i].inside : classes[i].alone;
        if (text == NULL)
            snprintf(e->wrong, sizeof e->wrong, "%.2s", at);
        else
            append(e, text, strlen(text));
        return;
    }
    /* in POSIX brackets a backslash is literal, so these characters cannot be escaped */
    if (e->is_in_brackets && strchr("]^-", at[1]) != NULL)
        snprintf(e->wrong, sizeof e->wrong, "%.2s", at);
    append(e, at + e->is_in_brackets, 2 - e->is_in_brackets);
}

/* Append the next item of the pattern. Return the number of characters consumed. */
static size_t append_next(expression *e, const char *begin, const char *at)
{
    static const char repeats[] = "*+?}";
    const bool is_lazy = *at == '?' && at > begin && strchr(repeats, at[-1]) != NULL &&
                         (at < begin + 2 || at[-2] != '\\');

    if (*at == '\\' && at[1] != '\0') {
        append_escape(e, at);
        return 2;
    }
    if (!e->is_in_brackets && (is_lazy || (at[0] == '(' && at[1] == '?')))
        snprintf(e->wrong, sizeof e->wrong, "%.2s", is_lazy ? at - 1 : at);
    if (!e->is_in_brackets && *at == '[') {
        /* a ']' right after the '[' or "[^" belongs to the set */
        const size_t length = 1 + (at[1] == '^');
        e->is_in_brackets = true;
        append(e, at, length);
        if (at[length] == ']')
            append(e, "]", 1);
        return length + (at[length] == ']');
    }
    if (*at == ']')
        e->is_in_brackets = false;
    append(e, at, 1);
    return 1;
}

/* Return the end of the pattern at `at`: a ';' or ',' outside brackets and outside the braces of a
 * repeat such as {1,2}, the bracket that closes the list, or the end of the text. */
static size_t find_end(const char *list, size_t at, size_t end)
{
    int brackets = 0, braces = 0;

    for (; at < end; at++) {
        if (list[at] == '\\' && at + 1 < end) {
            at++;
            continue;
        }
        brackets += (list[at] == '[' && brackets == 0) - (list[at] == ']' && brackets > 0);
        braces += (list[at] == '{') - (list[at] == '}');
        if (brackets == 0 && (list[at] == ';' || (list[at] == ',' && braces <= 0)))
            break;
    }
    return at;
}

bool cvy_pattern_next(const char *list, size_t *at, char pattern[CVY_NAME_BYTES])
{
    const size_t length = strlen(list);
    const bool has_brackets = length >= 2 && list[0] == '[' && list[length - 1] == ']';
    const size_t last = length - has_brackets;
    size_t begin = *at == 0 ? has_brackets : *at;

    if (begin >= last) /* the previous pattern was the last; begin may be past the final '\0' */
        return false;
    begin += strspn(list + begin, " ");
    if (begin >= last)
        return false;
    const size_t end = find_end(list, begin, last);
    snprintf(pattern, CVY_NAME_BYTES, "%.*s", (int)(end - begin), list + begin);
    *at = end + 1;
    return true;
}

/* Turn "[bias;gamma]" or "[bias, gamma]" into "bias|gamma", as Keras does. */
static void read_list(const char *list, expression *e)
{
    char pattern[CVY_NAME_BYTES];

    *e = (expression){ .length = 0 };
    for (size_t next = 0; e->wrong[0] == '\0' && cvy_pattern_next(list, &next, pattern);) {
        if (e->length > 0)
            append(e, "|", 1);
        e->is_in_brackets = false;
        for (const char *at = pattern; *at != '\0' && e->wrong[0] == '\0';)
            at += append_next(e, pattern, at);
    }
}

/* A regular expression of bytes, in any locale. Returns what regcomp() does. */
static int compile(regex_t *regex, const char *text)
{
    const locale_t before = cvy_c_locale_enter();
    const int error = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
    cvy_c_locale_leave(before);
    return error;
}

bool cvy_pattern_finds(const char *list, const char *text)
{
    expression e;
    regex_t regex;

    read_list(list, &e);
    if (e.length == 0 || e.wrong[0] != '\0' || compile(&regex, e.text) != 0)
        return false;
    const bool is_found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_found;
}

cvy_status cvy_pattern_check(const char *setting, const char *list)
{
    char reason[CVY_NAME_BYTES];
    expression e;
    regex_t regex;

    read_list(list, &e);
    if (e.wrong[0] != '\0')
        return cvy_fail(
            CVY_ERR_SETTING,
            "%s: found \"%s\", expected regular expressions without \"%s\", which POSIX does "
            "not have here",
            setting, list, e.wrong);
    if (e.length == 0)
        return CVY_OK;
    const int error = compile(&regex, e.text);
    if (error == 0) {
        regfree(&regex);
        return CVY_OK;
    }
    regerror(error, &regex, reason, sizeof reason);
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found \"%s\" (%s), expected regular expressions, as in [bias;gamma]",
                    setting, list, reason);
}
