/* Letters and spaces of ASCII, whatever the calling program's locale: a Turkish one has no I for i.
 * isdigit() and isxdigit() are the same in every locale. */
#ifndef CVY_BASE_LETTERS_H
#define CVY_BASE_LETTERS_H

#include <stdbool.h>

bool cvy_is_lower(char c);
bool cvy_is_upper(char c);
bool cvy_is_letter(char c);
bool cvy_is_letter_or_digit(char c);
bool cvy_is_space(char c);

char cvy_lower(char c);
char cvy_upper(char c);

/** Whether two texts differ at most in the case of letters. */
bool cvy_same_letters(const char *a, const char *b);

/** Whether a text begins with `start`, in any case. */
bool cvy_begins_with_letters(const char *text, const char *start);

/** Whether a text ends in `ending`, in any case. */
bool cvy_ends_in_letters(const char *text, const char *ending);

/** Whether a text as a whole fits a pattern of the shell, of bytes: fnmatch() without flags. */
bool cvy_fits_glob(const char *pattern, const char *text);

#endif
