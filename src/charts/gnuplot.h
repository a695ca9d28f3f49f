/* Running gnuplot. */
#ifndef CVY_CHARTS_GNUPLOT_H
#define CVY_CHARTS_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

typedef enum { CVY_PICTURES_DRAWN, CVY_PICTURES_NO_GNUPLOT, CVY_PICTURES_FAILED } cvy_pictures_end;

/* Formats of figures. */
enum { CVY_FORMAT_SVG = 1, CVY_FORMAT_PDF = 2, CVY_FORMAT_PNG = 4, CVY_FORMATS_ALL = 7 };

/** Read --figures: names with commas between them, "svg,pdf,png". formats: their bits. Figures are drawn as
 *  SVG in any case, since pages contain it. Returns CVY_ERR_SETTING. */
cvy_status cvy_gnuplot_read_formats(const char *text, unsigned *formats);

/** Run NAME.gp, each from a fresh start and once for each format, in a folder, and discard what gnuplot prints.
 *  One process draws all of them, as starting gnuplot takes several times as long as drawing a figure. A picture
 *  that breaks off, as on a full disk, is removed, and counts as a failure. */
cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count,
                                 unsigned formats);

/** Remove pictures of an earlier report, so that none of them is shown beside new numbers. */
void cvy_gnuplot_remove(const char *folder, const char *const *names, size_t count,
                        unsigned formats);

/** The beginning of a script, which draws NAME.svg, or with -e "format='pdf'" another format. Sizes are in
 *  pixels of SVG. */
void cvy_gnuplot_begin(FILE *file, const char *name, size_t width, size_t height);

#endif
