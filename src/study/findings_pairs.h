/* The part of the findings that tests pairs of configurations; findings.c makes the rest. */
#ifndef CVY_STUDY_FINDINGS_PAIRS_H
#define CVY_STUDY_FINDINGS_PAIRS_H

#include "study/findings.h"

/**
 * Test the differences of all pairs of compared configurations, which are ranked. values: scratch,
 * [2 * seed_count]. Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_findings_test_pairs(cvy_findings *findings, double *values);

#endif
