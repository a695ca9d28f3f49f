/* The tables of a comparison. */
#ifndef CVY_REPORT_TABLES_H
#define CVY_REPORT_TABLES_H

#include "study/findings.h"
#include "charts/table.h"

enum { CVY_TABLES_MAX = 16 };

typedef struct {
    size_t count;
    cvy_table tables[CVY_TABLES_MAX]; /* ranking first, setup last */
} cvy_tables;

/** Make all tables that have content. Returns CVY_ERR_MEMORY. */
cvy_status cvy_tables_make(const cvy_findings *findings, cvy_tables *tables);

/** The table of a performance profile. problem: what a problem is. Returns CVY_ERR_MEMORY. */
cvy_status cvy_table_of_profile(const cvy_findings *findings, const char *problem,
                                cvy_table *table);

/** The tables of tuning, of a protocol's score (and whether there is one), and of the setup and
 *  machine. Return CVY_ERR_MEMORY. */
cvy_status cvy_table_of_tuning(const cvy_findings *findings, cvy_table *table);
bool cvy_table_has_protocol(const cvy_findings *findings);
cvy_status cvy_table_of_protocol(const cvy_findings *findings, cvy_table *table);
cvy_status cvy_table_of_setup(const cvy_findings *findings, cvy_table *table);

/** The table of update sizes by layer, and whether any were recorded. Returns CVY_ERR_MEMORY. */
bool cvy_table_has_inside(const cvy_findings *findings);
cvy_status cvy_table_of_inside(const cvy_findings *findings, cvy_table *table);
void cvy_tables_release(cvy_tables *tables);

#endif
