/* A table of texts, and how it looks in a terminal, in HTML and in LaTeX. */
#ifndef CVY_CHARTS_TABLE_H
#define CVY_CHARTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

typedef struct {
    const char *title;
    char note[1024]; /* below it; may be empty */
    size_t columns;
    unsigned left;     /* bit i: column i is text, aligned at its left; the others are numbers */
    size_t cell_count; /* the first `columns` cells are the heads */
    FILE *file;        /* while cells are added */
    char *text;        /* each cell's UTF-8 and a zero byte */
    size_t bytes;
} cvy_report_table;

/** Begin a table. Returns CVY_ERR_MEMORY. */
cvy_status cvy_report_table_open(cvy_report_table *table, const char *title, size_t columns,
                                 unsigned left);

/** Add the next cell of the row. */
void cvy_report_table_add(cvy_report_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** No more cells. Returns CVY_ERR_MEMORY when one did not fit; then it is released. */
cvy_status cvy_report_table_close(cvy_report_table *table);
void cvy_report_table_release(cvy_report_table *table);

/** What stands behind a word of which there are so many: "1 seed", "2 seeds". */
static inline const char *cvy_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/** Words broken into lines of a terminal, each behind `indent`. */
void cvy_report_print_words(FILE *file, const char *words, const char *indent);

void cvy_report_table_as_text(const cvy_report_table *table, FILE *file);
void cvy_report_table_as_html(const cvy_report_table *table, FILE *file);
void cvy_report_table_as_latex(const cvy_report_table *table, FILE *file);

#endif
