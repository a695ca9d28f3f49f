/* A CSV file of images and its layout. */
#ifndef CVY_SOURCES_CSV_TABLE_H
#define CVY_SOURCES_CSV_TABLE_H

#include "data/intake.h"
#include "sources/csv_lines.h"

typedef struct {
    const char *path;
    cvy_csv_lines *lines;
    char separator;
    bool has_header, label_is_last;
    bool is_unlabelled;    /* all columns are pixels */
    bool is_label_unnamed; /* the header does not say which column holds the labels */
    size_t label_inside; /* the column that the header names as the label between pixels; 0: none */
    size_t columns;      /* the label and the pixels */
    size_t lead, tail;   /* columns before and after them: row numbers, or none */
    size_t rows;         /* counted by the first pass, excluding the header */
    cvy_form form;
    bool has_fractions; /* some pixel is not an integer; found by the first pass */
    double largest;     /* the largest pixel; found by the first pass */
} cvy_csv_table;

/** Find the separator of a line: a comma, semicolon or tab. */
char cvy_csv_find_separator(const char *text);

/** Whether a column of this name holds the labels: "label", "class", ... in any case. */
bool cvy_csv_is_label_name(const char *cell);

/** Open a file and find its layout from the first line. The caller closes t->lines, also on
 *  failure. */
cvy_status cvy_csv_table_open(const char *path, cvy_csv_table *t);

/** Find the label column from the values, where no name tells it: the first, unless only the last can hold
 *  labels. Reads lines from the current position. */
cvy_status cvy_csv_table_find_label(cvy_csv_table *t);

/** The factor from pixels to bytes, found by the first pass: integers are used as they are; values
 *  with fractions and a maximum of 1 are multiplied by 255. */
double cvy_csv_table_pixel_factor(const cvy_csv_table *table);

/** Split a line into cells, modifying text. pixels: [columns - 1], or [columns] without labels,
 *  from 0 to 255; *label points into text, if there is one. */
cvy_status cvy_csv_table_read_line(const cvy_csv_table *t, char *text, double *pixels,
                                   char **label);

#endif
