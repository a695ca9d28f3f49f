/* What a learning-rate range test shows: a table, a figure, a page, JSON. */
#ifndef CVY_REPORT_RATE_REPORT_H
#define CVY_REPORT_RATE_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "study/rate_test.h"

/** Whether a report may be written into the folder: new, empty, or one that find-rate has written. Returns
 *  CVY_ERR_SETTING, CVY_ERR_OPEN. */
cvy_status cvy_rate_report_check(const char *folder);

/** Write report.html, summary.json, rates.csv and the figure in formats of charts/gnuplot.h. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_rate_report_write(const cvy_rate_test *test, const char *folder, unsigned formats);

/** The suggestions with their reasons, for a terminal. Returns CVY_ERR_MEMORY. */
cvy_status cvy_rate_report_print(const cvy_rate_test *test, FILE *file);

/** The content of summary.json, or NULL for want of memory. */
json_t *cvy_rate_report_json(const cvy_rate_test *test);

#endif
