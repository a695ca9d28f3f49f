/* The tables of a comparison, and what it comes to in plain words. */
#ifndef CVY_REPORT_TABLES_H
#define CVY_REPORT_TABLES_H

#include "report/findings.h"
#include "report/table.h"

enum { CVY_TABLES_MAX = 16 };

typedef struct {
    size_t count;
    cvy_report_table tables[CVY_TABLES_MAX]; /* ranking first, task sheet last */
} cvy_tables;

/** Make all tables there is something for. Returns CVY_ERR_MEMORY. */
cvy_status cvy_tables_make(const cvy_findings *findings, cvy_tables *tables);

/** The table of a performance profile; problem  what one is. Returns CVY_ERR_MEMORY. */
cvy_status cvy_table_of_profile(const cvy_findings *findings, const char *problem,
                                cvy_report_table *table);
void cvy_tables_release(cvy_tables *tables);

/** Some sentences: who came out first, who cannot be told from it, who was fastest, what went wrong.
 *  *text is released with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_words_make(const cvy_findings *findings, char **text);

#endif
