/* What the files that make figures share. */
#ifndef CVY_REPORT_FIGURE_WORK_H
#define CVY_REPORT_FIGURE_WORK_H

#include <stdio.h>

#include "report/figures.h"

/* A text file of the report, written in memory first. */
typedef struct {
    const char *folder, *name;
    FILE *file;
    char *text;
    size_t bytes;
} cvy_pen;

cvy_status cvy_pen_open(cvy_pen *pen, const char *folder, const char *name);

/** Write it. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_pen_close(cvy_pen *pen);

/** The next figure, or NULL when there is room for no more. */
cvy_figure *cvy_figures_add(cvy_figures *figures, const char *data, const char *name,
                            const char *title, ...) __attribute__((format(printf, 4, 5)));

/** A cell of CSV in quotes. */
void cvy_csv_text(FILE *file, const char *text);

/** A number and a comma; an empty cell where it is not finite. */
void cvy_csv_number(FILE *file, double value);

/** Training loss, validation loss and accuracy against steps and seconds, with the rates below. */
cvy_status cvy_figures_of_curves(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Rows of dots: final values, steps to each target, differences from the best. */
cvy_status cvy_figures_of_rows(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** What learning rates do, what tuning brings, and the performance profile. */
cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The performance profile alone. */
cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *folder, cvy_figures *figures);

#endif
