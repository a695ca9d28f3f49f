#include "base/letters.h"

#include <fnmatch.h>
#include <string.h>

#include "base/c_locale.h"

bool cvy_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool cvy_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool cvy_is_letter(char c)
{
    return cvy_is_lower(c) || cvy_is_upper(c);
}

bool cvy_is_letter_or_digit(char c)
{
    return cvy_is_letter(c) || (c >= '0' && c <= '9');
}

bool cvy_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char cvy_lower(char c)
{
    return cvy_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

char cvy_upper(char c)
{
    return cvy_is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

bool cvy_begins_with_letters(const char *text, const char *start)
{
    for (; *start != '\0'; text++, start++)
        if (cvy_lower(*text) != cvy_lower(*start))
            return false;
    return true;
}

bool cvy_same_letters(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && cvy_begins_with_letters(a, b);
}

bool cvy_ends_in_letters(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);

    return length >= tail && cvy_same_letters(text + length - tail, ending);
}

bool cvy_fits_glob(const char *pattern, const char *text)
{
    const locale_t before = cvy_c_locale_enter();
    const bool fits = fnmatch(pattern, text, 0) == 0;
    cvy_c_locale_leave(before);
    return fits;
}
