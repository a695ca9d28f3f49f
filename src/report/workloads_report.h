/* The report of all workloads: a chapter for each, and where there are several one over all of them. */
#ifndef CVY_REPORT_WORKLOADS_REPORT_H
#define CVY_REPORT_WORKLOADS_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "study/workloads.h"

/** Write the report of each workload, and where there are several that over all of them. Returns
 *  CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_workloads_report(const cvy_workloads *workloads);

/** Tables and paragraphs for a terminal. */
cvy_status cvy_workloads_print(const cvy_workloads *workloads, FILE *file);

/** What summary.json holds: of one workload its own, of several an array of theirs and the profile. NULL
 *  for want of memory. */
json_t *cvy_workloads_json(const cvy_workloads *workloads);

#endif
