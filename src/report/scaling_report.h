/* The files of a scaling report. */
#ifndef CVY_REPORT_SCALING_REPORT_H
#define CVY_REPORT_SCALING_REPORT_H

#include "base/json.h"
#include "charts/gnuplot.h"
#include "scaling/scaling.h"

/** Return the content of summary.json; missing numbers are null. */
json_t *cvy_scaling_json(const cvy_scaling *scaling);

/**
 * Write everything to a folder, which is created if missing: summary.json, scaling.csv,
 * repeats.csv, a gnuplot script for each picture, the pictures, report.html.
 * Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_scaling_write(const cvy_scaling *scaling, const char *folder,
                             cvy_pictures_end *pictures);

#endif
