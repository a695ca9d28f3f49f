/* The page of a scaling report. */
#ifndef CVY_REPORT_SCALING_PAGE_H
#define CVY_REPORT_SCALING_PAGE_H

#include "charts/gnuplot.h"
#include "report/scaling_tables.h"

/** Write report.html, with the pictures in the folder. Returns CVY_ERR_OPEN, CVY_ERR_WRITE,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_scaling_write_page(const cvy_scaling *scaling, const cvy_scaling_tables *tables,
                                  const char *folder, cvy_pictures_end pictures);

#endif
