/* Numbers as Python prints them, independent of the calling program's locale. */
#ifndef CVY_BASE_NUMBER_H
#define CVY_BASE_NUMBER_H

#include <stddef.h>

enum { CVY_NUMBER_BYTES = 48 };

/** As repr(): the shortest text that reads back to the same double; 1.0, 1e-05, inf, nan. */
void cvy_number_print(double value, char text[CVY_NUMBER_BYTES]);

/** Print 15 significant digits, or as many more as read back to the same double; 1, 1e-05, inf,
 *  nan. */
void cvy_number_short(double value, char text[CVY_NUMBER_BYTES]);

/** As format() with ".3f": type is 'e', 'f' or 'g', precision the number of digits. Cut to `size`
 *  bytes. */
void cvy_number_format(double value, char type, int precision, char *text, size_t size);

#endif
