/* curves.csv: every evaluation of every run. */
#ifndef CVY_STUDY_CURVES_H
#define CVY_STUDY_CURVES_H

#include "study/study.h"

/** Write curves.csv: one line per evaluation of every run. */
cvy_status cvy_curves_write(const cvy_study *study, const char *folder);

#endif
