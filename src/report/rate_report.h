/* The results of a learning-rate range test as a table, a figure, a page and JSON. */
#ifndef CVY_REPORT_RATE_REPORT_H
#define CVY_REPORT_RATE_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "study/rate_test.h"

/** Check that a report may be written to the folder: it is new, empty, or written by find-rate.
 *  Returns CVY_ERR_SETTING, CVY_ERR_OPEN. */
cvy_status cvy_rate_report_check(const char *folder);

/** Write report.html, summary.json, rates.csv and the figure in formats of charts/gnuplot.h. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_rate_report_write(const cvy_rate_test *test, const char *folder, unsigned formats);

/** Print the suggestions with their reasons to a terminal. Returns CVY_ERR_MEMORY. */
cvy_status cvy_rate_report_print(const cvy_rate_test *test, FILE *file);

/** Return the content of summary.json, or NULL if memory runs out. */
json_t *cvy_rate_report_json(const cvy_rate_test *test);

#endif
