/* Joint results of several workloads: a performance profile over them, and ranks side by side. */
#ifndef CVY_REPORT_JOINT_H
#define CVY_REPORT_JOINT_H

#include "study/findings.h"
#include "report/tables.h"

/* A workload, as in its report. */
typedef struct {
    const char *name;
    const cvy_findings *findings;
} cvy_joint_part;

typedef struct {
    size_t count;
    cvy_joint_part *parts;
    /* The first part's study, with names that fit all parts: without tuned values where these
     * differ between the parts. */
    cvy_study *study;
    cvy_configuration *configurations; /* [compared] of that study */
    /* Only study, order and ratios are set. A problem is a target on a workload, its time the
     * median steps over the seeds, as in AlgoPerf; ordered by profile score, best first, then by
     * mean rank. */
    cvy_findings profile;
    double *mean_ranks; /* [compared] from 1, over the workloads */
} cvy_joint;

/** Copy the parts, whose findings must outlive it. Returns CVY_ERR_MEMORY; must be released, also
 *  after a failure. */
cvy_status cvy_joint_make(const cvy_joint_part *parts, size_t count, cvy_joint *joint);
void cvy_joint_release(cvy_joint *joint);

/** Make the tables. Returns CVY_ERR_MEMORY. */
cvy_status cvy_joint_tables(const cvy_joint *joint, cvy_tables *tables);

/** Describe the results in sentences; *text is released with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_joint_words(const cvy_joint *joint, char **text);

/** Return its part of summary.json, or NULL if memory runs out. */
json_t *cvy_joint_json(const cvy_joint *joint);

#endif
