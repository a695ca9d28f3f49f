/* The pictures of a comparison: data as CSV, a gnuplot script beside it, and what gnuplot makes of it. */
#ifndef CVY_REPORT_FIGURES_H
#define CVY_REPORT_FIGURES_H

#include "report/findings.h"
#include "report/gnuplot.h"

enum { CVY_FIGURES_MAX = 48 };

typedef struct {
    char name[64];   /* of NAME.gp and NAME.svg */
    char data[64];   /* of the CSV it is drawn from */
    char title[200]; /* names what is drawn; in a second line, its n */
    char *svg;       /* as gnuplot wrote it, or NULL; released with cvy_memory_free() */
} cvy_figure;

typedef struct {
    size_t count;
    cvy_figure figures[CVY_FIGURES_MAX];
    cvy_pictures_end end; /* of all of them */
} cvy_figures;

/** Write data and scripts into `folder`, and let gnuplot draw. That gnuplot is missing or fails is no
 *  error. Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_figures_make(const cvy_findings *findings, const char *folder, cvy_figures *figures);

/** Likewise, of the performance profile alone: findings that have no more than one needs, and what a
 *  problem is. */
cvy_status cvy_figures_make_profile(const cvy_findings *profile, const char *problem,
                                    const char *folder, cvy_figures *figures);
void cvy_figures_release(cvy_figures *figures);

#endif
