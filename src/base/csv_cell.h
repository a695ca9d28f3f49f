/* A cell of a CSV file. */
#ifndef CVY_BASE_CSV_CELL_H
#define CVY_BASE_CSV_CELL_H

#include <stdio.h>

/** Print a text as one cell, quoted if necessary (RFC 4180). */
void cvy_csv_cell(FILE *file, char separator, const char *text);

/** Print a text as one cell, always quoted. */
void cvy_csv_quoted(FILE *file, const char *text);

#endif
