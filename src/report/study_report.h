/* The report of a comparison: all results are computed once from its runs, and then written to
 * files, printed, or returned as JSON. A workload is a chapter; several workloads have an
 * additional chapter about all of them. */
#ifndef CVY_REPORT_STUDY_REPORT_H
#define CVY_REPORT_STUDY_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "figures/figures.h"
#include "report/joint.h"
#include "report/tables.h"
#include "study/workloads.h"

/* The results of one study, or of several together. */
typedef struct {
    const char *title;     /* "mlp on digits" */
    cvy_findings findings; /* for a single study only */
    cvy_tables tables;
    cvy_figures figures; /* drawn by cvy_study_report_write() */
    char *words;         /* a paragraph */
} cvy_chapter;

typedef struct {
    const cvy_workloads *workloads;
    unsigned formats; /* figure formats in addition to SVG; set after cvy_study_report_make() */
    cvy_joint joint;  /* for several workloads */
    size_t count;     /* number of workload chapters made */
    cvy_chapter *chapters; /* [1 + workloads]; if several, the first covers all workloads */
} cvy_study_report;

/** Compute the report. `workloads` must outlive it. Returns CVY_ERR_MEMORY; must be released, also
 *  after a failure. */
cvy_status cvy_study_report_make(const cvy_workloads *workloads, cvy_study_report *report);
void cvy_study_report_release(cvy_study_report *report);

/** Write all files of the report, and let gnuplot draw the figures. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN,
 *  CVY_ERR_WRITE. */
cvy_status cvy_study_report_write(cvy_study_report *report);

/** Print tables and paragraphs to a terminal. */
void cvy_study_report_print(const cvy_study_report *report, FILE *file);

/** Return the content of summary.json: for one workload its own, for several an array of theirs and
 *  the profile over them. NULL: out of memory. */
json_t *cvy_study_report_json(const cvy_study_report *report);

/* --- a chapter of one study, for tests --- */

/** Make a chapter. folder: for the figures; NULL: none. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN,
 *  CVY_ERR_WRITE. */
cvy_status cvy_chapter_make(const cvy_study *study, const char *folder, cvy_chapter *chapter);
void cvy_chapter_release(cvy_chapter *chapter);

/** Write summary.json, tables.tex and report.html of one study. Returns the same errors. */
cvy_status cvy_chapter_write(const cvy_chapter *chapter, const char *folder);
void cvy_chapter_print(const cvy_chapter *chapter, FILE *file);

#endif
