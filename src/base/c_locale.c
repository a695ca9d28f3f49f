#include "base/c_locale.h"

#include <pthread.h>

static locale_t c_locale; /* written once, then only read */

static void make(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* If there was no memory for it, uselocale() changes nothing. */
locale_t cvy_c_locale_enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make);
    return uselocale(c_locale);
}

void cvy_c_locale_leave(locale_t before)
{
    uselocale(before);
}
