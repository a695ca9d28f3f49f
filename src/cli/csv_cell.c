#include "cli/csv_cell.h"

#include <stdbool.h>
#include <string.h>

void cvy_csv_cell(FILE *file, const char *text)
{
    const bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (is_quoted)
        fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    if (is_quoted)
        fputc('"', file);
}
