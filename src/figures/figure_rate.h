/* The figure of a learning rate range test: loss against learning rate. */
#ifndef CVY_FIGURES_FIGURE_RATE_H
#define CVY_FIGURES_FIGURE_RATE_H

#include "figures/figures.h"
#include "study/rate_test.h"

/** Write rates.csv and find-rate.gp, and run gnuplot for figures->formats. Returns CVY_ERR_MEMORY,
 *  CVY_ERR_OPEN, CVY_ERR_WRITE; released with cvy_figures_release(). */
cvy_status cvy_figures_of_rate_test(const cvy_rate_test *test, const char *folder,
                                    cvy_figures *figures);

#endif
