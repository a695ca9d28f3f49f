#include "base/synonyms.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/letters.h"
#include "base/settings.h"

enum { WIDE_BYTES = 3 }; /* in UTF-8, of each typographic mark that is looked for */

static const char *skip_separators(const char *c, const char *end)
{
    while (c < end && strchr("-_ .", *c) != NULL)
        c++;
    return c;
}

/* Whether two names differ only in case and separators: AdamW and adam_w, learningRate. */
static bool is_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length, *b_end = b + b_length;

    for (;;) {
        a = skip_separators(a, a_end);
        b = skip_separators(b, b_end);
        if (a == a_end || b == b_end)
            return a == a_end && b == b_end;
        if (cvy_lower(*a++) != cvy_lower(*b++))
            return false;
    }
}

static bool fits_pattern(const char *pattern, size_t length, const char *typed)
{
    char text[CVY_NAME_BYTES];

    if (memchr(pattern, '*', length) == NULL)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)length, pattern);
    return cvy_fits_glob(text, typed);
}

static bool is_alternative(const char *alternatives, const char *typed)
{
    const size_t length = strlen(typed);

    for (const char *at = alternatives; *at != '\0';) {
        const size_t end = strcspn(at, "|");
        if (is_same(at, end, typed, length) || fits_pattern(at, end, typed))
            return true;
        at += end + (at[end] == '|');
    }
    return false;
}

/* Whether a meaning, "sgd:momentum=0.9" or "learning-rate ...", begins with one of the names. */
static bool is_known(const char *meant, const char *const *names, size_t count)
{
    const size_t length = strcspn(meant, ": =");

    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && strncmp(names[i], meant, length) == 0)
            return true;
    return false;
}

static const cvy_synonym *find_in(const cvy_synonym_list *list, const char *where,
                                  const char *typed, const char *const *names, size_t count)
{
    for (; list->where != NULL; list++) {
        if (strcmp(list->where, where) != 0)
            continue;
        for (size_t i = 0; i < list->count; i++) {
            const cvy_synonym *row = &list->rows[i];
            if (is_alternative(row->typed, typed) &&
                (row->meant == NULL || is_known(row->meant, names, count)))
                return row;
        }
    }
    return NULL;
}

static const cvy_synonym *find(const char *where, const char *typed, const char *const *names,
                               size_t count)
{
    const cvy_synonym *row = find_in(cvy_typed_synonyms, where, typed, names, count);
    return row != NULL ? row : find_in(cvy_kind_synonyms, where, typed, names, count);
}

static cvy_suggestion suggest(const char *where, const char *typed, const char *const *names,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_same(names[i], strlen(names[i]), typed, strlen(typed)))
            return (cvy_suggestion){ names[i], NULL };

    const cvy_synonym *row = find(where, typed, names, count);
    return row != NULL ? (cvy_suggestion){ row->meant, row->advice }
                       : (cvy_suggestion){ NULL, NULL };
}

/* The length of a typographic dash or quotation mark at the beginning of a text, or 0. */
static size_t wide_mark(const char *text)
{
    static const char marks[] = "\u2010\u2011\u2012\u2013\u2014\u2212"
                                "\u2018\u2019\u201a\u201c\u201d\u201e";

    for (const char *mark = marks; *mark != '\0'; mark += WIDE_BYTES)
        if (strncmp(text, mark, WIDE_BYTES) == 0)
            return WIDE_BYTES;
    return 0;
}

/* "'adam'", "[accuracy]", "\u2013\u2013epochs" and "/epochs" without the marks around the name. */
static void strip_marks(const char *typed, char bare[CVY_NAME_BYTES])
{
    static const char marks[] = "'\"`[](){}<>/+-=,;: ";

    for (size_t length = 1; length > 0 && *typed != '\0'; typed += length)
        length = strchr(marks, *typed) != NULL ? 1 : wide_mark(typed);
    snprintf(bare, CVY_NAME_BYTES, "%s", typed);
    for (size_t length = strlen(bare); length > 0;) {
        const bool is_wide = length >= WIDE_BYTES && wide_mark(bare + length - WIDE_BYTES) > 0;
        if (!is_wide && strchr(marks, bare[length - 1]) == NULL)
            break;
        length -= is_wide ? WIDE_BYTES : 1;
        bare[length] = '\0';
    }
}

cvy_suggestion cvy_suggest(const char *where, const char *typed, const char *const *names,
                           size_t count)
{
    char bare[CVY_NAME_BYTES];

    strip_marks(typed, bare);
    cvy_suggestion found = suggest(where, bare, names, count);
    /* keras.optimizers.Adam, nn.CrossEntropyLoss */
    const char *dot = strrchr(bare, '.');
    if (found.meant == NULL && found.advice == NULL && dot != NULL && dot[1] != '\0')
        found = suggest(where, dot + 1, names, count);
    if (found.meant == NULL && found.advice == NULL)
        found.meant = cvy_nearest_name(bare, names, count);
    return found;
}

cvy_status cvy_fail_suggest(cvy_status status, cvy_suggestion suggestion)
{
    if (suggestion.meant != NULL)
        cvy_fail_add(status, "; did you mean %s?", suggestion.meant);
    return cvy_fail_advise(status, suggestion.advice);
}
