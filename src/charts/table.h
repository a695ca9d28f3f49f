/* A table of texts, and how it looks in a terminal, in HTML and in LaTeX. */
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
    char *text;                                /* each cell's UTF-8 and a zero byte */
    size_t bytes;
} cvy_table;

/** Begin a table. alignment: one letter a column, at most CVY_TABLE_COLUMNS_MAX. Running out of memory is
 *  reported when the table is closed or printed. */
void cvy_table_begin(cvy_table *table, const char *alignment);

/** Add the next cell of the row. The first row holds the headings. */
void cvy_table_add(cvy_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Add a cell for each column. */
void cvy_table_add_row(cvy_table *table, const char *const *texts);

/** No more cells: the table consists of whole rows. Returns CVY_ERR_MEMORY, and releases the table then. */
cvy_status cvy_table_close(cvy_table *table);
void cvy_table_release(cvy_table *table);

/** Close the table, write it as text and release it. Returns CVY_ERR_MEMORY. */
cvy_status cvy_table_print(cvy_table *table, FILE *file);

/* Of a closed table. */
void cvy_table_as_text(const cvy_table *table, FILE *file);
void cvy_table_as_html(const cvy_table *table, FILE *file);
void cvy_table_as_latex(const cvy_table *table, FILE *file);
void cvy_table_as_markdown(const cvy_table *table, FILE *file);

/** In HTML, a table of two columns whose first names what the second says; its first row holds no headings. */
void cvy_table_as_facts(const cvy_table *table, FILE *file);

/** The ending of a noun of which there are so many: "1 seed", "2 seeds". */
static inline const char *cvy_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/** Write text in lines of at most 96 characters, each after `indent`. */
void cvy_print_words(FILE *file, const char *words, const char *indent);

#endif
