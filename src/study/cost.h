/* Measure the time of an update of each configuration. */
#ifndef CVY_STUDY_COST_H
#define CVY_STUDY_COST_H

#include "study/study_train.h"

/**
 * Fill in study->costs from study->cost_repeats rounds; with 0 nothing is measured. Each
 * configuration trains with its own batch size and is compared with plain SGD of the same size. A
 * configuration that diverges meanwhile has no cost. The function is called before each
 * measurement; if it returns false, the costs stay unknown and everything else is kept.
 * Returns CVY_ERR_MEMORY, or an error of training.
 */
cvy_status cvy_study_measure_costs(cvy_study *study, const cvy_dataset *data,
                                   cvy_study_function *function, void *context);

#endif
