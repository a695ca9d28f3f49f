/* Names of configurations. */
#ifndef CVY_STUDY_LABELS_H
#define CVY_STUDY_LABELS_H

#include "study/crossing.h"

enum { CVY_COMMON_BYTES = 1024 };

/**
 * Where a label is too long for a chart, leave out of all labels what does not tell them apart: a setting that all
 * configurations of its optimizer, or of its schedule, have in common. They stay different.
 * common  what is left out, as "adam epsilon=1e-8; cosine_decay decay_steps=100"; empty: nothing
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_labels_shorten(cvy_crossed_list *list, char common[CVY_COMMON_BYTES]);

#endif
