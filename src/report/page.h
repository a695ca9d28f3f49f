/* The report as one HTML file. */
#ifndef CVY_REPORT_PAGE_H
#define CVY_REPORT_PAGE_H

#include "report/figures.h"
#include "report/tables.h"

/** Write report.html into a folder. words  a paragraph in plain words.
 *  Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_page_write(const cvy_campaign *campaign, const cvy_tables *tables,
                          const cvy_figures *figures, const char *words, const char *folder);

#endif
