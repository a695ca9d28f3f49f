/* Targets: the --target options, and the values of automatic targets. */
#ifndef CVY_STUDY_TARGETS_H
#define CVY_STUDY_TARGETS_H

#include "study/study_plan.h"

/** Read targets from texts; cvy_study_set_targets() sets the values of automatic ones. */
cvy_status cvy_targets_read(const cvy_study_settings *settings, bool has_accuracy,
                            cvy_study *study);
cvy_status cvy_study_set_targets(cvy_study *study);

#endif
