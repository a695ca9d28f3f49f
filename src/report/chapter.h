/* A chapter of the report: everything that is made of one study, or of several together. */
#ifndef CVY_REPORT_CHAPTER_H
#define CVY_REPORT_CHAPTER_H

#include "figures/figures.h"
#include "report/tables.h"

/* What is made of a study, or of several together. */
typedef struct {
    const char *title;     /* "mlp on digits" */
    cvy_findings findings; /* none of several together */
    cvy_tables tables;
    cvy_figures figures;
    char *words; /* a paragraph in plain words */
} cvy_chapter;

/** folder  where figures are drawn; NULL: none. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_chapter_make(const cvy_study *study, const char *folder, cvy_chapter *chapter);
void cvy_chapter_release(cvy_chapter *chapter);

/** Write summary.json, tables.tex and report.html of a study. Returns likewise. */
cvy_status cvy_chapter_write(const cvy_chapter *chapter, const char *folder);

/** Tables and paragraph for a terminal. */
void cvy_chapter_print(const cvy_chapter *chapter, FILE *file);

/** Write summary.json, and release the object; NULL is out of memory. */
cvy_status cvy_summary_write(json_t *summary, const char *folder);

/** Write tables.tex. */
cvy_status cvy_latex_write(const cvy_tables *tables, const char *folder);

#endif
