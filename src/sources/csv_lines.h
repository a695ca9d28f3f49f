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

/** Go back to the first line. */
cvy_status cvy_csv_rewind(cvy_csv_lines *lines);

/**
 * Return the next line that is not blank, without its end (LF, CRLF) and, on the first line,
 * without a byte order mark; *text is NULL at the end of the file. The text is zero-terminated,
 * writable and valid until the next call. Returns CVY_ERR_READ, CVY_ERR_FORMAT (a zero byte, a line
 * that is too long), CVY_ERR_MEMORY.
 */
cvy_status cvy_csv_next(cvy_csv_lines *lines, char **text, size_t *length);

/** Number of the line read last, from 1. */
size_t cvy_csv_line_number(const cvy_csv_lines *lines);

/**
 * Cut the first cell off *rest: terminate it with a zero byte, remove quotes ("" inside them is one
 * quote) and blanks around it, and move *rest past the comma (or semicolon or tab, `separator`);
 * *rest is NULL after the last cell. Returns NULL if a quote is not closed or text follows a
 * closing quote.
 */
char *cvy_csv_cut_cell(char **rest, char separator);

/** Fail for such a cell. column: from 0. Returns CVY_ERR_FORMAT. */
cvy_status cvy_csv_fail_quote(const cvy_csv_lines *lines, size_t column);

#endif
