/* Names of configurations. */
#ifndef CVY_STUDY_LABELS_H
#define CVY_STUDY_LABELS_H

#include "study/crossing.h"

enum { CVY_COMMON_BYTES = 1024 };

/**
 * If a label is too long for a chart, omit from all labels the settings that all configurations of
 * the same optimizer or schedule share. Labels remain distinct.
 * common  the omitted settings: "adam epsilon=1e-8; cosine_decay decay_steps=100"; empty: none
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_labels_shorten(cvy_crossed_list *list, char common[CVY_COMMON_BYTES]);

#endif
