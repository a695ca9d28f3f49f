/* The C locale for one thread. A program that uses the library may have chosen another one, in which
 * 0.5 reads 0,5 and the capital of i is not I; what convoy reads and writes does not depend on it.
 * Numbers go through base/number.h, letters through base/letters.h, sentences through base/visible.h. */
#ifndef CVY_BASE_C_LOCALE_H
#define CVY_BASE_C_LOCALE_H

#include <locale.h>

/** Enter the C locale. Returns the locale to pass to cvy_c_locale_leave(). Takes nanoseconds. */
locale_t cvy_c_locale_enter(void);

/** Restore the thread's locale; errno does not change. */
void cvy_c_locale_leave(locale_t before);

#endif
