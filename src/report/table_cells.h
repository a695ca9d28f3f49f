/* Cells shared by several tables of a comparison. */
#ifndef CVY_REPORT_TABLE_CELLS_H
#define CVY_REPORT_TABLE_CELLS_H

#include "charts/table.h"
#include "statistics/statistics.h"
#include "study/findings.h"

/** Add a number with `digits` significant digits, "none" if it is not finite; or a range of two, a
 *  dash if neither is finite. */
void cvy_cell_number(cvy_table *table, double value, int digits);
void cvy_cell_range(cvy_table *table, double low, double high, int digits);

/** Print such a number. Returns text. */
const char *cvy_cell_print_number(double value, int digits, char text[CVY_FIGURE_BYTES]);

/** Add a value of a metric, or the range between its quartiles. */
void cvy_cell_metric(cvy_table *table, cvy_metric metric, double value);
void cvy_cell_quartiles(cvy_table *table, cvy_metric metric, const cvy_quartiles *quartiles);

#endif
