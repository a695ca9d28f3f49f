/* Targets: what --target says, and the values of automatic targets. */
#ifndef CVY_STUDY_TARGETS_H
#define CVY_STUDY_TARGETS_H

#include "study/study_plan.h"

/** Targets out of words; the values of the automatic ones come with cvy_study_set_targets(). */
cvy_status cvy_targets_read(const cvy_study_settings *settings, bool has_accuracy,
                            cvy_study *study);
cvy_status cvy_study_set_targets(cvy_study *study);

#endif
