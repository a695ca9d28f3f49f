/* Running gnuplot. */
#ifndef CVY_CHARTS_GNUPLOT_H
#define CVY_CHARTS_GNUPLOT_H

#include <stddef.h>

typedef enum { CVY_PICTURES_DRAWN, CVY_PICTURES_NO_GNUPLOT, CVY_PICTURES_FAILED } cvy_pictures_end;

/** Run NAME.gp, each from a fresh start, in a folder, and discard what gnuplot prints. One process draws all
 *  of them, as starting gnuplot takes several times as long as drawing a figure. */
cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count);

#endif
