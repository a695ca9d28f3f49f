/* The pictures of a comparison: data as CSV, a gnuplot script beside it, and what gnuplot makes of it. */
#ifndef CVY_FIGURES_FIGURES_H
#define CVY_FIGURES_FIGURES_H

#include "study/findings.h"
#include "charts/gnuplot.h"

enum { CVY_FIGURES_MAX = 48 };

typedef struct {
    char name[64];    /* of NAME.gp and NAME.svg */
    char data[64];    /* of the CSV that holds its numbers */
    bool has_own_svg; /* NAME.svg is there already, drawn without gnuplot */
    char title[200];  /* names what is drawn; in a second line, its n */
    char *svg;        /* as it is in NAME.svg; NULL: not drawn. Released with cvy_memory_free() */
} cvy_figure;

typedef struct {
    size_t count;
    cvy_figure figures[CVY_FIGURES_MAX];
    cvy_pictures_end end; /* of all of them */
    unsigned formats;     /* CVY_FORMAT_PDF ...; SVG is always drawn */
} cvy_figures;

/** Write data and scripts into `folder`, and let gnuplot draw in figures->formats. That gnuplot is missing or
 *  fails is no error. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_figures_make(const cvy_findings *findings, const char *folder, cvy_figures *figures);

/** Likewise, of the performance profile alone: findings that have no more than one needs, and what a
 *  problem is. */
cvy_status cvy_figures_make_profile(const cvy_findings *profile, const char *problem,
                                    const char *folder, cvy_figures *figures);
void cvy_figures_release(cvy_figures *figures);

/* --- for the files that make them --- */

/** Let gnuplot draw the figures, whose scripts are in the folder, and read the pictures. Returns CVY_ERR_MEMORY,
 *  CVY_ERR_OPEN. */
cvy_status cvy_figures_draw(cvy_figures *figures, const char *folder);

/** The next figure, or NULL when there is room for no more. */
cvy_figure *cvy_figures_add(cvy_figures *figures, const char *data, const char *name,
                            const char *title, ...) __attribute__((format(printf, 4, 5)));

/** What is added to the subtitle of a figure over seconds: that other processes took too much of the machine, or
 *  nothing. */
const char *cvy_figures_busy_note(const cvy_findings *f);

/** Training loss, validation loss and accuracy against steps and seconds, with the rates below. */
cvy_status cvy_figures_of_curves(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Rows of dots: final values, steps to each target, differences from the best. */
cvy_status cvy_figures_of_rows(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** What learning rates do, what tuning brings, and the performance profile. */
cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The performance profile alone; problem  what one is. */
cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *problem, const char *folder,
                                  cvy_figures *figures);

/** What happened inside the runs, if that was recorded. */
cvy_status cvy_figures_of_inside(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The loss surface with paths on it, if it was asked for. */
cvy_status cvy_figures_of_surface(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Batch sizes by epochs, updates and seconds, if --grid varies them. */
cvy_status cvy_figures_of_batches(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Final values against each setting that --grid, or more than one --learning-rate, varied. */
cvy_status cvy_figures_of_settings(const cvy_findings *f, const char *folder, cvy_figures *figures);

#endif
