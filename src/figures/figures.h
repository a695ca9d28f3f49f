/* The figures of a comparison: CSV data, a gnuplot script for each, and gnuplot's output. */
#ifndef CVY_FIGURES_FIGURES_H
#define CVY_FIGURES_FIGURES_H

#include "study/findings.h"
#include "charts/gnuplot.h"

enum { CVY_FIGURES_MAX = 48 };

typedef struct {
    char name[64];    /* of NAME.gp and NAME.svg */
    char data[64];    /* of the CSV file with its numbers */
    bool has_own_svg; /* NAME.svg exists already, drawn without gnuplot */
    char title[200];  /* what is drawn; the n in a second line */
    char *svg;        /* content of NAME.svg; NULL: not drawn. Released with cvy_memory_free() */
} cvy_figure;

typedef struct {
    size_t count;
    cvy_figure figures[CVY_FIGURES_MAX];
    cvy_pictures_end end; /* of all figures */
    unsigned formats;     /* CVY_FORMAT_PDF ...; SVG is always drawn */
} cvy_figures;

/** Write data and scripts to `folder`, and run gnuplot for figures->formats. A missing or failing
 *  gnuplot is not an error. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_figures_make(const cvy_findings *findings, const char *folder, cvy_figures *figures);

/** Make only the performance profile: of the findings only what it needs must be set. problem: what
 *  counts as a problem. Returns as cvy_figures_make(). */
cvy_status cvy_figures_make_profile(const cvy_findings *profile, const char *problem,
                                    const char *folder, cvy_figures *figures);
void cvy_figures_release(cvy_figures *figures);

/* --- for the files that make figures --- */

/** Run gnuplot on the figures' scripts in the folder, and read the pictures. Returns
 *  CVY_ERR_MEMORY, CVY_ERR_OPEN. */
cvy_status cvy_figures_draw(cvy_figures *figures, const char *folder);

/** Append a figure; NULL if there is no more room. */
cvy_figure *cvy_figures_add(cvy_figures *figures, const char *data, const char *name,
                            const char *title, ...) __attribute__((format(printf, 4, 5)));

/** A note for the subtitle of a figure over seconds: other processes used too much of the machine;
 *  or an empty text. */
const char *cvy_figures_busy_note(const cvy_findings *f);

/** Training loss, validation loss and accuracy against steps and seconds, with the learning rates
 *  below. */
cvy_status cvy_figures_of_curves(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Rows of dots: final values, steps to each target, differences from the best. */
cvy_status cvy_figures_of_rows(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The effect of learning rates, the benefit of tuning, and the performance profile. */
cvy_status cvy_figures_of_tuning(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Only the performance profile. problem: what counts as a problem. */
cvy_status cvy_figures_of_profile(const cvy_findings *f, const char *problem, const char *folder,
                                  cvy_figures *figures);

/** What happened inside the runs, if that was recorded. */
cvy_status cvy_figures_of_inside(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** The loss surface with the runs' paths, if it was requested. */
cvy_status cvy_figures_of_surface(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Batch sizes by epochs, updates and seconds, if --grid varies them. */
cvy_status cvy_figures_of_batches(const cvy_findings *f, const char *folder, cvy_figures *figures);

/** Final values against each setting that --grid, or more than one --learning-rate, varied. */
cvy_status cvy_figures_of_settings(const cvy_findings *f, const char *folder, cvy_figures *figures);

#endif
