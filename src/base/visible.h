/* Printing names from outside safely: a file, a class or a layer may be called
 * "a\nconvoy: error" or contain a terminal's escape sequence. The caller's format is printed
 * unchanged; in its arguments, control characters, bidirectional formatting characters and
 * bytes that are not UTF-8 become escapes: \n, \t, \x1b, \u202e, \xff. Backslashes are left
 * alone, so text may pass through here again. */
#ifndef CVY_BASE_VISIBLE_H
#define CVY_BASE_VISIBLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Like vsnprintf() into `room` bytes, at least one; a text that is too long is cut between characters. The conversions
 *  are C's without %n, wide characters and numbered arguments; numbers are those of the C locale. */
void cvy_visible_format(char *to, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/** The same, but if it is too long, of each argument that is longer than an eighth of the room only the beginning and the
 *  end are shown: the text goes on after a name that is too long. */
void cvy_visible_fit(char *to, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/** Whether a text passes through here unchanged. */
bool cvy_visible_is_plain(const char *text);

/** Like fprintf(). Text of up to a page is written at once. */
void cvy_visible_print(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cvy_visible_vprint(FILE *file, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
