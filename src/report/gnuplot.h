/* Running gnuplot. */
#ifndef CVY_REPORT_GNUPLOT_H
#define CVY_REPORT_GNUPLOT_H

#include <stdbool.h>

/** `gnuplot SCRIPT` in a folder; whether it ran and ended well. What it says is thrown away. */
bool cvy_gnuplot_run(const char *folder, const char *script);

#endif
