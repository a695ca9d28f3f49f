/* The pictures of a comparison: data as CSV, a gnuplot script beside it, and what gnuplot makes of it. */
#ifndef CVY_REPORT_FIGURES_H
#define CVY_REPORT_FIGURES_H

#include "report/findings.h"

enum { CVY_FIGURES_MAX = 32 };

typedef struct {
    char name[64];   /* of NAME.gp and NAME.svg */
    char data[64];   /* of the CSV it is drawn from */
    char title[200]; /* names what is drawn and its n */
    char *svg;       /* as gnuplot wrote it, or NULL; released with cvy_memory_free() */
} cvy_figure;

typedef struct {
    size_t count;
    cvy_figure figures[CVY_FIGURES_MAX];
    bool has_gnuplot; /* all pictures were drawn */
} cvy_figures;

/** Write data and scripts into `folder`, and let gnuplot draw. That gnuplot is missing or fails is no
 *  error. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_figures_make(const cvy_findings *findings, const char *folder, cvy_figures *figures);

/** Likewise, of the performance profile alone: findings that have no more than one needs. */
cvy_status cvy_figures_make_profile(const cvy_findings *profile, const char *folder,
                                    cvy_figures *figures);
void cvy_figures_release(cvy_figures *figures);

/** The colours of contestants in their order of rank, the first CVY_COLORS of them: Okabe and Ito's,
 *  told apart by the colour-blind, but for their yellow; the last is for all others. */
enum { CVY_COLORS = 7 };
extern const char *const cvy_colors[CVY_COLORS + 1];

#endif
