/* Chooses the locale that CONVOY_LOCALE names, as a program that uses the library may do: loaded with LD_PRELOAD.
 * Messages of the system stay English. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void choose(void)
{
    const char *name = getenv("CONVOY_LOCALE");

    if (name == NULL || setlocale(LC_ALL, name) == NULL || setlocale(LC_MESSAGES, "C") == NULL) {
        fputs("the locale of CONVOY_LOCALE cannot be chosen\n", stderr);
        exit(99);
    }
}
