/* Text for people in which the names of files and classes can do nothing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

enum { ROOM = 256 };
static char shown[ROOM];

__attribute__((format(printf, 2, 3))) static char *show(size_t room, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    cvy_visible_format(shown, room, format, arguments);
    va_end(arguments);
    return shown;
}

Test(visible, formats_as_the_c_library_does)
{
    static const char texts[][8] = { "ab", "\xc3\xa9" };
    char expected[ROOM];

#define EQUAL(...)                                                                                 \
    do {                                                                                           \
        snprintf(expected, sizeof expected, __VA_ARGS__);                                          \
        cr_expect(eq(str, show(ROOM, __VA_ARGS__), expected));                                     \
    } while (0)
    EQUAL("plain %% text");
    EQUAL("%d %i %5d|%-5d|%05d %+d % d %.3d", 1, -2, 3, 4, 5, 6, 7, 8);
    EQUAL("%u %x %X %#x %o", 1U, 255U, 255U, 255U, 8U);
    EQUAL("%ld %lld %lu %llu", LONG_MIN, LLONG_MIN, ULONG_MAX, ULLONG_MAX);
    EQUAL("%zu %jd %td", SIZE_MAX, INTMAX_MIN, (ptrdiff_t)-3);
    EQUAL("%f %.2f %g %.17g %e %8.3g|%-8.3g|%.*f", 1.5, 2.555, 1e-9, 0.1, 12.0, 3.0, 4.0, 1, 5.55);
    EQUAL("%.3Lf", 1.25L);
    EQUAL("%s %.1s %5s|%-5s|%*s|%.*s", texts[0], texts[0], texts[0], texts[0], 4, texts[0], 1,
          texts[0]);
    EQUAL("%c%c", 'x', 'y');
    EQUAL("%p", (void *)shown);
    EQUAL("%d%s%d%s", 1, "a", 2, "b");
#undef EQUAL
}

Test(visible, control_characters_are_escaped_in_arguments_only)
{
    cr_expect(eq(str, show(ROOM, "a\n\x1b[1m%s", "b\nc\td\re\x1b[2J\x7f\x01"),
                 "a\n\x1b[1mb\\nc\\td\\re\\x1b[2J\\x7f\\x01"));
    cr_expect(eq(str, show(ROOM, "%c", '\n'), "\\n"));
    /* C1 controls, among them the one-character CSI; line and paragraph separators */
    cr_expect(eq(str,
                 show(ROOM, "%s",
                      "\xc2\x9b"
                      "2J \xe2\x80\xa8 \xe2\x80\xa9"),
                 "\\x9b2J \\u2028 \\u2029"));
    /* right-to-left override: "gnp.exe" would read "exe.png" */
    cr_expect(eq(str, show(ROOM, "%s", "\xe2\x80\xaegnp.exe"), "\\u202egnp.exe"));
    cr_expect(eq(str, show(ROOM, "%s", "C:\\new"), "C:\\new"));
}

Test(visible, bytes_that_are_not_utf8_are_escaped)
{
    cr_expect(eq(str, show(ROOM, "%s", "\xff\xc3(\xe2\x82 caf\xc3\xa9 \xf0\x9f\x98\x80"),
                 "\\xff\\xc3(\\xe2\\x82 caf\xc3\xa9 \xf0\x9f\x98\x80"));
    cr_expect(eq(str, show(ROOM, "%s", "\xed\xa0\x80"), "\\xed\\xa0\\x80")); /* a surrogate */
}

Test(visible, a_cut_is_between_characters)
{
    cr_expect(eq(str, show(ROOM, "%.4s|", "caf\xc3\xa9"), "caf|"));
    cr_expect(eq(str, show(ROOM, "%.5s|", "caf\xc3\xa9"), "caf\xc3\xa9|"));
    cr_expect(eq(str, show(ROOM, "%.2s|", "\xffz"), "\\xffz|"));
    cr_expect(eq(str, show(6, "%s", "ab\ncd"), "ab\\nc"));
    cr_expect(eq(str, show(4, "%s", "ab\ncd"), "ab"));
    cr_expect(eq(str, show(3, "a%s", "\xc3\xa9"), "a"));
    cr_expect(eq(str, show(1, "%s", "abc"), ""));
}

/* The bytes after a precision are not the text's: a fixed array has no zero at its end. */
Test(visible, a_precision_is_not_read_beyond)
{
    char *bytes = malloc(2);

    cr_assert(ne(ptr, bytes, NULL));
    memcpy(bytes, "a\xe2", 2);
    cr_expect(eq(str, show(ROOM, "%.2s", bytes), "a"));
    cr_expect(eq(str, show(ROOM, "%.*s", 1, bytes), "a"));
    free(bytes);
}

Test(visible, widths_count_characters)
{
    cr_expect(eq(str, show(ROOM, "%-6s|%4s", "\xc3\xa9", "\n"), "\xc3\xa9     |  \\n"));
}

Test(visible, plain_is_what_passes_unchanged)
{
    static const char *const others[] = { "a\n", "\x1b", "\xff", "\xc2\x85", "\xe2\x80\xae" };

    cr_expect(cvy_visible_is_plain("a \\n caf\xc3\xa9 \xf0\x9f\x98\x80"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(not(cvy_visible_is_plain(others[i])), "%zu", i);
}

Test(visible, a_long_text_reaches_the_file_whole)
{
    enum { LONG = 10000 };
    char *text = malloc(LONG + 1), *found = NULL;
    size_t size;
    FILE *file = open_memstream(&found, &size);

    cr_assert(ne(ptr, text, NULL));
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    cvy_visible_print(file, "%s %d\n", text, 7);
    cr_assert(zero(int, fclose(file)));
    cr_expect(eq(sz, size, LONG + 3));
    cr_expect(eq(str, found + LONG, " 7\n"));
    free(found);
    free(text);
}
