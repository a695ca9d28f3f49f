/* The files of a scaling report. */
#ifndef CVY_REPORT_SCALING_REPORT_H
#define CVY_REPORT_SCALING_REPORT_H

#include "base/json.h"
#include "charts/gnuplot.h"
#include "scaling/scaling.h"

/** The content of summary.json; a number that there is not is null. */
json_t *cvy_scaling_json(const cvy_scaling *scaling);

/**
 * Whether a report in the folder may be replaced by that of the request: one of the same question with at most
 * as many repeats, or none.
 * Returns CVY_ERR_SETTING if not.
 */
cvy_status cvy_scaling_check_report(const cvy_scaling_request *request, const char *folder);

/**
 * Write everything into a folder, which is made where it is missing: summary.json, scaling.csv,
 * repeats.csv, a gnuplot script for each picture, the pictures, report.html.
 * Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_scaling_write(const cvy_scaling *scaling, const char *folder,
                             cvy_pictures_end *pictures);

#endif
