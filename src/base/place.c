#include "base/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/letters.h"

/* "https://", "s3://", "hf://" */
static bool has_scheme(const char *path)
{
    const size_t letters =
        strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    return letters > 1 && strncmp(path + letters, ":/", 2) == 0;
}

static bool has_typographic_quote(const char *path)
{
    static const char *const quotes[] = { "\u201c", "\u201d", "\u201e", "\u2018",
                                          "\u2019", "\u00ab", "\u00bb" };

    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
        if (strncmp(path, quotes[i], strlen(quotes[i])) == 0)
            return true;
    return false;
}

static const char *advise_on_url(const char *path)
{
    if (cvy_begins_with_letters(path, "file:"))
        return "Leave out file:// and give the path alone.";
    if (cvy_begins_with_letters(path, "http") || cvy_begins_with_letters(path, "ftp"))
        return "convoy reads local files: download it first, as in curl -LO URL (known "
               "data sets: convoy data fetch).";
    return "convoy reads local files: copy it here first.";
}

const char *cvy_place_advice(const char *path)
{
    if (has_scheme(path))
        return advise_on_url(path);
    /* a shell takes the \ out of C:\data */
    if (cvy_is_letter(path[0]) && path[1] == ':' &&
        (path[2] == '\\' || path[2] == '/' || (path[0] <= 'Z' && path[2] != '\0')))
        return "That is a path of Windows: here the parts of a path are separated by /, as in "
               "/mnt/c/data.";
    if (strchr(path, '\\') != NULL && strchr(path, '/') == NULL)
        return "The parts of a path are separated by /.";
    if (path[0] == '~')
        return "The shell expands ~ only at the beginning of a word and outside of quotes: put a "
               "space in place of the =, or write $HOME.";
    if (path[0] == '$' || strstr(path, "/$") != NULL || path[0] == '%')
        return "That variable was not expanded: the shell expands $NAME outside of single quotes.";
    if (strpbrk(path, "*?[{") != NULL)
        return "That pattern was not expanded: no file matches it, or it is in quotes. A folder "
               "may be given in place of its files.";
    if (strchr(path, ',') != NULL)
        return "Separate paths by spaces, or repeat the option for each of them.";
    if (has_typographic_quote(path))
        return "The quotes around the path are a word processor's: the shell knows \" and ' alone.";
    if (path[0] == '\'' || path[0] == '"' || path[0] == ' ' ||
        (path[0] != '\0' && strchr("'\" ", path[strlen(path) - 1]) != NULL))
        return "The quotes or spaces around the path are treated as part of its name.";
    return NULL;
}

cvy_status cvy_fail_to_open(const char *path)
{
    const int reason = errno;
    const char *advice = reason == ENOENT ? cvy_place_advice(path) : NULL;

    cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(reason));
    return cvy_fail_advise(CVY_ERR_OPEN, advice);
}
