/* The findings of a comparison in plain words. */
#ifndef CVY_REPORT_WORDS_H
#define CVY_REPORT_WORDS_H

#include <stdio.h>

#include "study/findings.h"

/** A paragraph: the ranking and its tests, the fastest to each target, divergence, causes, tuning and cost.
 *  *text is released with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_words_make(const cvy_findings *findings, char **text);

/* --- for the other files of words --- */

/** Print a configuration's name in a list, in quotes if it contains a comma. */
void cvy_words_name(FILE *file, const cvy_findings *findings, size_t configuration);

/** Explain the effects of momentum, Adagrad's shrinking steps and schedules, if the runs show
 *  them. */
void cvy_words_explain(FILE *file, const cvy_findings *findings);

/** Report the gain of tuning, what was not tuned, and which best values are at the edge of their
 *  range. */
void cvy_words_tuning(FILE *file, const cvy_findings *findings);

#endif
