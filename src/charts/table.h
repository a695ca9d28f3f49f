/* A table of texts, and its form in a terminal, in HTML and in LaTeX. */
#ifndef CVY_CHARTS_TABLE_H
#define CVY_CHARTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum { CVY_TABLE_COLUMNS_MAX = 72 };

typedef struct {
    const char *title;                         /* above it; NULL: none */
    char note[1024];                           /* below it; may be empty */
    char alignment[CVY_TABLE_COLUMNS_MAX + 1]; /* of each column 'l' or 'r' */
    size_t columns, cell_count;                /* the first `columns` cells are the headings */
    FILE *stream;                              /* while cells are added; NULL: out of memory */
    char *text;                                /* each cell's UTF-8 and a NUL */
    size_t bytes;
} cvy_table;

/** Begin a table. alignment: one letter per column, at most CVY_TABLE_COLUMNS_MAX. A lack of memory
 *  is reported when the table is closed or printed. */
void cvy_table_begin(cvy_table *table, const char *alignment);

/** Add the next cell of the row. The first row contains the headings. */
void cvy_table_add(cvy_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Add one cell per column. */
void cvy_table_add_row(cvy_table *table, const char *const *texts);

/** Finish adding cells; the rows must be complete. Returns CVY_ERR_MEMORY, after releasing the
 *  table. */
cvy_status cvy_table_close(cvy_table *table);
void cvy_table_release(cvy_table *table);

/** Close the table, write it as text and release it. Returns CVY_ERR_MEMORY. */
cvy_status cvy_table_print(cvy_table *table, FILE *file);

/* Print a closed table. */
void cvy_table_as_text(const cvy_table *table, FILE *file);
void cvy_table_as_html(const cvy_table *table, FILE *file);
void cvy_table_as_latex(const cvy_table *table, FILE *file);
void cvy_table_as_markdown(const cvy_table *table, FILE *file);

/** Print a table of two columns, names and values, as HTML; its first row is not a heading. */
void cvy_table_as_facts(const cvy_table *table, FILE *file);

/** Write text in lines of at most 96 characters, each starting with `indent`. */
void cvy_print_words(FILE *file, const char *words, const char *indent);

#endif
