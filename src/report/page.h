/* The report as one HTML file. */
#ifndef CVY_REPORT_PAGE_H
#define CVY_REPORT_PAGE_H

#include "report/chapter.h"

/** Write report.html of one chapter, or of several with what they show together in front.
 *  Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_page_write(const cvy_chapter *chapters, size_t count, const char *folder);

#endif
