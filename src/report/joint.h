/* What several workloads show together: a performance profile over them, and ranks side by side. */
#ifndef CVY_REPORT_JOINT_H
#define CVY_REPORT_JOINT_H

#include "study/findings.h"
#include "report/tables.h"

/* A workload as its report has it. */
typedef struct {
    const char *name;
    const cvy_findings *findings;
} cvy_joint_part;

typedef struct {
    size_t count;
    cvy_joint_part *parts;
    cvy_findings
        profile; /* study (the first part's, for its configurations), order and ratios only. A
                             problem is a target on a workload, its time the median steps over the
                             seeds, as in AlgoPerf; the best profile score comes first, then the
                             lower mean rank */
    double *mean_ranks; /* [compared] from 1, over the workloads */
} cvy_joint;

/** Take over the parts, whose findings must outlive it. Returns CVY_ERR_MEMORY; to be released in any
 *  case. */
cvy_status cvy_joint_make(const cvy_joint_part *parts, size_t count, cvy_joint *joint);
void cvy_joint_release(cvy_joint *joint);

/** Returns CVY_ERR_MEMORY. */
cvy_status cvy_joint_tables(const cvy_joint *joint, cvy_tables *tables);

/** Some sentences; *text is released with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_joint_words(const cvy_joint *joint, char **text);

/** Its part of summary.json, or NULL if memory runs out. */
json_t *cvy_joint_json(const cvy_joint *joint);

#endif
