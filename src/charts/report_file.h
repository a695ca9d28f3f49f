/* The files of a report: text that is collected in memory first, then written in one go. */
#ifndef CVY_CHARTS_REPORT_FILE_H
#define CVY_CHARTS_REPORT_FILE_H

#include <stdio.h>

#include "base/error.h"
#include "base/json.h"

/* A text file of the report, collected in memory first. */
typedef struct {
    const char *folder, *name;
    FILE *file;
    char *text;
    size_t bytes;
} cvy_report_file;

cvy_status cvy_report_file_open(cvy_report_file *pen, const char *folder, const char *name);

/** Write the file. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_report_file_close(cvy_report_file *out);

/** Write a CSV cell in quotes, as in RFC 4180, and a comma. */
void cvy_csv_text(FILE *file, const char *text);

/** Write a number and a comma; an empty cell if it is not finite. */
void cvy_csv_number(FILE *file, double value);

/** Write the file FOLDER/NAME with the output of `write`. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN,
 *  CVY_ERR_WRITE. */
cvy_status cvy_report_file_write(const char *folder, const char *name,
                                 void (*write)(const void *what, FILE *file), const void *what);

/** Write an object and release it; NULL, for lack of memory, is CVY_ERR_MEMORY. It is printed
 *  completely before the file is touched. flags: jansson's. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN,
 *  CVY_ERR_WRITE. */
cvy_status cvy_report_file_write_json(const char *folder, const char *name, json_t *object,
                                      size_t flags);

#endif
