/* Numbers in text, independent of the calling program's locale. */
#ifndef CVY_BASE_NUMBER_H
#define CVY_BASE_NUMBER_H

#include <stddef.h>

enum { CVY_NUMBER_BYTES = 48 };

/** Like strtod() in the C locale. */
double cvy_number_read(const char *text, char **end);

/** Like snprintf() in the C locale. */
int cvy_number_text(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** As Python's repr(): the shortest text that reads back to the same double; 1.0, 1e-05, inf, nan. */
void cvy_number_print(double value, char text[CVY_NUMBER_BYTES]);

/** Print 15 significant digits, or as many more as read back to the same double; 1, 1e-05, inf,
 *  nan. */
void cvy_number_short(double value, char text[CVY_NUMBER_BYTES]);

/** As Python's format() with ".3f": type is 'e', 'f' or 'g', precision the number of digits. Cut to `size`
 *  bytes. */
void cvy_number_format(double value, char type, int precision, char *text, size_t size);

#endif
