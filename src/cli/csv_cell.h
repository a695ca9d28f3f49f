/* A cell of a CSV file. */
#ifndef CVY_CLI_CSV_CELL_H
#define CVY_CLI_CSV_CELL_H

#include <stdio.h>

/** Print a text as one cell, in quotes where it needs them (RFC 4180). */
void cvy_csv_cell(FILE *file, const char *text);

#endif
