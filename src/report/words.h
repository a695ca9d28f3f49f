/* What the files that find words share. */
#ifndef CVY_REPORT_WORDS_H
#define CVY_REPORT_WORDS_H

#include <stdio.h>

#include "report/findings.h"

/** What momentum, Adagrad's shrinking steps and the schedules did, where the runs show it. */
void cvy_words_explain(FILE *file, const cvy_findings *findings);

#endif
