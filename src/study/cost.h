/* Measuring what an update of each configuration costs. */
#ifndef CVY_STUDY_COST_H
#define CVY_STUDY_COST_H

#include "study/study_train.h"

/**
 * Fill in study->costs, in study->cost_repeats rounds; 0 rounds measure nothing. Each configuration trains with its
 * own batch size, and is compared with plain SGD of that size. A configuration that
 * diverges while it is measured has no cost. The function is called before each measurement; when it returns
 * false the costs stay unknown, and all else is kept.
 * Returns CVY_ERR_MEMORY, or what training returns.
 */
cvy_status cvy_study_measure_costs(cvy_study *study, const cvy_dataset *data,
                                   cvy_study_function *function, void *context);

#endif
