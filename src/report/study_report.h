/* The report of a comparison: everything that follows from its runs is computed once, and then written to
 * files, printed, or given as JSON. A workload is a chapter; several workloads have one more chapter, which
 * is about all of them. */
#ifndef CVY_REPORT_STUDY_REPORT_H
#define CVY_REPORT_STUDY_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "figures/figures.h"
#include "report/joint.h"
#include "report/tables.h"
#include "study/workloads.h"

/* What is shown of one study, or of several together. */
typedef struct {
    const char *title;     /* "mlp on digits" */
    cvy_findings findings; /* of one study only */
    cvy_tables tables;
    cvy_figures figures; /* drawn by cvy_study_report_write() */
    char *words;         /* a paragraph */
} cvy_chapter;

typedef struct {
    const cvy_workloads *workloads;
    unsigned formats; /* of figures, beside SVG; set after it is made */
    cvy_joint joint;  /* with several workloads */
    size_t count;     /* chapters of workloads that are made */
    cvy_chapter
        *chapters; /* [1 + workloads]; the first is about all of them, if there are several */
} cvy_study_report;

/** Compute the report. `workloads` must outlive it. Returns CVY_ERR_MEMORY; to be released in any case. */
cvy_status cvy_study_report_make(const cvy_workloads *workloads, cvy_study_report *report);
void cvy_study_report_release(cvy_study_report *report);

/** Write all files of the report, and let gnuplot draw the figures. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN,
 *  CVY_ERR_WRITE. */
cvy_status cvy_study_report_write(cvy_study_report *report);

/** Tables and paragraphs for a terminal. */
void cvy_study_report_print(const cvy_study_report *report, FILE *file);

/** The content of summary.json: of one workload its own; of several an array of theirs and the profile
 *  over them. NULL: out of memory. */
json_t *cvy_study_report_json(const cvy_study_report *report);

/* --- a chapter of one study, for tests --- */

/** folder: where figures are drawn; NULL: none. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_chapter_make(const cvy_study *study, const char *folder, cvy_chapter *chapter);
void cvy_chapter_release(cvy_chapter *chapter);

/** Write summary.json, tables.tex and report.html of one study. Returns likewise. */
cvy_status cvy_chapter_write(const cvy_chapter *chapter, const char *folder);
void cvy_chapter_print(const cvy_chapter *chapter, FILE *file);

#endif
