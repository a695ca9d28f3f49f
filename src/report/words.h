/* The findings of a comparison in plain words. */
#ifndef CVY_REPORT_WORDS_H
#define CVY_REPORT_WORDS_H

#include <stdio.h>

#include "study/findings.h"

/** Some sentences: who came out first, who cannot be told from it, who was fastest, what went wrong.
 *  *text is released with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_words_make(const cvy_findings *findings, char **text);

/* --- for the files that find words --- */

/** What momentum, Adagrad's shrinking steps and the schedules did, where the runs show it. */
void cvy_words_explain(FILE *file, const cvy_findings *findings);

/** What tuning brought, who was how fast without it, and whose best value lies on the edge. */
void cvy_words_tuning(FILE *file, const cvy_findings *findings);

#endif
