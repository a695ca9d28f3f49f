/* An earlier scaling report in the folder of a new one. */
#ifndef CVY_REPORT_EARLIER_REPORT_H
#define CVY_REPORT_EARLIER_REPORT_H

#include "scaling/scaling.h"

/**
 * Check that the request may replace the report in the folder, if there is one: it must have the
 * same settings and at most as many repeats.
 * Returns CVY_ERR_SETTING if not.
 */
cvy_status cvy_scaling_check_report(const cvy_scaling_request *request, const char *folder);

#endif
