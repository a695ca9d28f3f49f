/* The tables of a scaling report. */
#ifndef CVY_REPORT_SCALING_TABLES_H
#define CVY_REPORT_SCALING_TABLES_H

#include "charts/table.h"
#include "scaling/scaling.h"

/* Tables of numbers with headings first, then facts: two columns, name and value, without
 * headings. */
enum {
    CVY_SCALING_POINTS,
    CVY_SCALING_NEIGHBOURS,
    CVY_SCALING_TAILS,
    CVY_SCALING_PHASES,
    CVY_SCALING_MESSAGES, /* untitled and empty if threads are varied */
    CVY_SCALING_LAWS,
    CVY_SCALING_PLACES,
    CVY_SCALING_DIGESTS,
    CVY_SCALING_ENVIRONMENT,
    CVY_SCALING_TABLES,
    CVY_SCALING_NUMBERS = CVY_SCALING_LAWS, /* number of tables with headings */
};

typedef struct {
    cvy_table tables[CVY_SCALING_TABLES];
} cvy_scaling_tables;

/** Make all tables; released with cvy_scaling_tables_release(), also after a failure. Returns CVY_ERR_MEMORY. */
cvy_status cvy_scaling_tables_make(const cvy_scaling *scaling, cvy_scaling_tables *tables);
void cvy_scaling_tables_release(cvy_scaling_tables *tables);

#endif
