/* Runs gnuplot. */
#ifndef CVY_CHARTS_GNUPLOT_H
#define CVY_CHARTS_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

typedef enum { CVY_PICTURES_DRAWN, CVY_PICTURES_NO_GNUPLOT, CVY_PICTURES_FAILED } cvy_pictures_end;

/* Formats of figures. */
enum { CVY_FORMAT_SVG = 1, CVY_FORMAT_PDF = 2, CVY_FORMAT_PNG = 4, CVY_FORMATS_ALL = 7 };

/** Read --figures: comma-separated names, "svg,pdf,png". formats: their bits. SVG figures are
 *  always drawn, because the pages contain them. Returns CVY_ERR_SETTING. */
cvy_status cvy_gnuplot_read_formats(const char *text, unsigned *formats);

/** Run each NAME.gp of a folder in a fresh gnuplot state, once for each format, and discard what
 *  gnuplot prints. One process draws them all, because starting gnuplot takes several times as long
 *  as drawing a figure. An incomplete picture, for instance on a full disk, is removed and counts
 *  as a failure. */
cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count,
                                 unsigned formats);

/** Remove the pictures of an earlier report, so that none is shown next to new numbers. */
void cvy_gnuplot_remove(const char *folder, const char *const *names, size_t count,
                        unsigned formats);

/** Write the beginning of a script that draws NAME.svg or, with -e "format='pdf'", another format.
 *  Sizes are in SVG pixels. */
void cvy_gnuplot_begin(FILE *file, const char *name, size_t width, size_t height);

#endif
