/* report.html of a comparison. */
#ifndef CVY_REPORT_STUDY_PAGE_H
#define CVY_REPORT_STUDY_PAGE_H

#include "report/study_report.h"

/** Write report.html of one chapter, or of several, of which the first covers all others.
 *  Returns CVY_ERR_MEMORY, CVY_ERR_OPEN, CVY_ERR_WRITE. */
cvy_status cvy_study_page_write(const cvy_chapter *chapters, size_t count, const char *folder);

#endif
