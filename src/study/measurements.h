/* measurements.csv: all measurements, one value per row. */
#ifndef CVY_STUDY_MEASUREMENTS_H
#define CVY_STUDY_MEASUREMENTS_H

#include "study/workloads.h"

/**
 * Write FOLDER/measurements.csv in the folder of the whole report: workload, configuration, role,
 * seed, step, quantity, layer, value. Non-finite values are omitted.
 * Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_measurements_write(const cvy_workloads *workloads);

#endif
