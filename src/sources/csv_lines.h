/* Lines of a text file, gzipped or not, and the cells of a line of comma-separated values. */
#ifndef CVY_SOURCES_CSV_LINES_H
#define CVY_SOURCES_CSV_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct cvy_csv_lines cvy_csv_lines;

/** Open a file. Returns CVY_ERR_OPEN, CVY_ERR_READ (not a regular file), CVY_ERR_MEMORY. */
cvy_status cvy_csv_open(const char *path, cvy_csv_lines **lines);
void cvy_csv_close(cvy_csv_lines *lines);

/** Back to the first line. */
cvy_status cvy_csv_rewind(cvy_csv_lines *lines);

/**
 * The next line that is not blank, without its end (LF, CRLF) and, on the first line, without a byte
 * order mark; *text is NULL at the end of the file. The text ends with a zero byte, may be written to
 * and lives until the next call. Returns CVY_ERR_READ, CVY_ERR_FORMAT (a zero byte, a line that is
 * too long), CVY_ERR_MEMORY.
 */
cvy_status cvy_csv_next(cvy_csv_lines *lines, char **text, size_t *length);

/** Number of the line that was read last, from 1. */
size_t cvy_csv_line_number(const cvy_csv_lines *lines);

/**
 * Cut the first cell off *rest: ends it with a zero byte, removes quotes ("" inside them is one
 * quote) and blanks around it, and moves *rest past the comma (or semicolon or tab, `separator`);
 * *rest is NULL after the last cell. NULL: a quote that is not closed, or text after a closing one.
 */
char *cvy_csv_cut_cell(char **rest, char separator);

#endif
