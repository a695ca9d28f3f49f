/* Cells that several tables of a comparison have. */
#ifndef CVY_REPORT_TABLE_CELLS_H
#define CVY_REPORT_TABLE_CELLS_H

#include "charts/table.h"
#include "statistics/statistics.h"
#include "study/findings.h"

/** A number with so many significant digits, "none" where it is not finite; and two of them, or a dash where
 *  neither is finite. */
void cvy_cell_number(cvy_table *table, double value, int digits);
void cvy_cell_range(cvy_table *table, double low, double high, int digits);

/** The text of such a number. Returns text. */
const char *cvy_cell_print_number(double value, int digits, char text[CVY_FIGURE_BYTES]);

/** A value of a metric, and the range between its quartiles. */
void cvy_cell_metric(cvy_table *table, cvy_metric metric, double value);
void cvy_cell_quartiles(cvy_table *table, cvy_metric metric, const cvy_quartiles *quartiles);

#endif
