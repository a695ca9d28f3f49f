/* What the files that find words share. */
#ifndef CVY_REPORT_WORDS_H
#define CVY_REPORT_WORDS_H

#include <stdio.h>

#include "report/findings.h"

/** What momentum, Adagrad's shrinking steps and the schedules did, where the runs show it. */
void cvy_words_explain(FILE *file, const cvy_findings *findings);

/** What tuning brought, who was how fast without it, and whose best value lies on the edge. */
void cvy_words_tuning(FILE *file, const cvy_findings *findings);

#endif
