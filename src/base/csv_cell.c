#include "base/csv_cell.h"

#include <string.h>

void cvy_csv_quoted(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

void cvy_csv_cell(FILE *file, char separator, const char *text)
{
    const char special[] = { separator, '"', '\r', '\n', '\0' };

    if (strpbrk(text, special) != NULL)
        cvy_csv_quoted(file, text);
    else
        fputs(text, file);
}
