/* Make the configurations of a study from the options that name them. */
#ifndef CVY_STUDY_CONFIGURATIONS_H
#define CVY_STUDY_CONFIGURATIONS_H

#include "study/study_plan.h"

enum { CVY_CONFIGURATIONS_MAX = 256 };

/** Fill in configurations, compared_count and tuning. steps_total: updates per run. Called while
 *  planning. */
cvy_status cvy_configurations_make(const cvy_study_settings *settings, size_t steps_total,
                                   cvy_study *study);

/** Set the batches of a configuration to the setup's or its own. batch_size: 0 is all images. */
void cvy_configuration_set_batch(cvy_configuration *configuration, const cvy_setup *setup,
                                 bool is_own, size_t batch_size);

#endif
