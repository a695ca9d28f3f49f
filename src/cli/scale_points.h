/* The numbers of threads or ranks that convoy scale measures. */
#ifndef CVY_CLI_SCALE_POINTS_H
#define CVY_CLI_SCALE_POINTS_H

#include "scaling/scaling.h"

typedef struct {
    const char *threads, *ranks; /* as typed, or NULL */
    size_t default_threads;      /* of a process */
} cvy_scale_points;

/** Fill in thread_counts, rank_counts and point_count of a request whose comm is known. Returns
 *  CVY_ERR_SETTING. */
cvy_status cvy_scale_choose_points(const cvy_scale_points *points, cvy_scaling_request *request);

#endif
