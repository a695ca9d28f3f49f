/* measurements.csv: everything that was measured, one value a row. */
#ifndef CVY_STUDY_MEASUREMENTS_H
#define CVY_STUDY_MEASUREMENTS_H

#include "study/workloads.h"

/**
 * Write FOLDER/measurements.csv, FOLDER being that of the whole report: workload, configuration, role, seed,
 * step, quantity, layer, value. A value that is not finite has no row.
 * Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_measurements_write(const cvy_workloads *workloads);

#endif
