/* The files of a report: text that is written in memory first, then to its place in one go. */
#ifndef CVY_CHARTS_REPORT_FILE_H
#define CVY_CHARTS_REPORT_FILE_H

#include <stdio.h>

#include "base/error.h"
#include "base/json.h"

/* A text file of the report, written in memory first. */
typedef struct {
    const char *folder, *name;
    FILE *file;
    char *text;
    size_t bytes;
} cvy_report_file;

cvy_status cvy_report_file_open(cvy_report_file *pen, const char *folder, const char *name);

/** Write it. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_report_file_close(cvy_report_file *out);

/** A cell of CSV in quotes, as in RFC 4180, and a comma. */
void cvy_csv_text(FILE *file, const char *text);

/** A number and a comma; an empty cell where it is not finite. */
void cvy_csv_number(FILE *file, double value);

/** Write the file FOLDER/NAME: what `write` puts into it. Returns likewise. */
cvy_status cvy_report_file_write(const char *folder, const char *name,
                                 void (*write)(const void *what, FILE *file), const void *what);

/** Write an object, which is released; NULL, for lack of memory, is CVY_ERR_MEMORY. It is printed whole
 *  before the file is touched. flags: jansson's. Returns likewise. */
cvy_status cvy_report_file_write_json(const char *folder, const char *name, json_t *object,
                                      size_t flags);

#endif
