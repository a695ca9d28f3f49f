/* Numbers as Python writes them, whatever locale the program around the library has chosen. */
#ifndef CVY_BASE_NUMBER_H
#define CVY_BASE_NUMBER_H

#include <stddef.h>

enum { CVY_NUMBER_BYTES = 48 };

/** As repr(): the fewest digits that read back to the same double; 1.0, 1e-05, inf, nan. */
void cvy_number_print(double value, char text[CVY_NUMBER_BYTES]);

/** The fewest digits that read back to the same double, but at least 15 are tried; 1, 1e-05, inf, nan. */
void cvy_number_short(double value, char text[CVY_NUMBER_BYTES]);

/** As format() with ".3f": type is 'e', 'f' or 'g', precision the digits. Cut to `size` bytes. */
void cvy_number_format(double value, char type, int precision, char *text, size_t size);

#endif
