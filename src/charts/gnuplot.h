/* Running gnuplot. */
#ifndef CVY_CHARTS_GNUPLOT_H
#define CVY_CHARTS_GNUPLOT_H

/* How that ended. */
typedef enum { CVY_PICTURES_DRAWN, CVY_PICTURES_NO_GNUPLOT, CVY_PICTURES_FAILED } cvy_pictures_end;

/** `gnuplot SCRIPT` in a folder. What it says is thrown away. */
cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *script);

#endif
