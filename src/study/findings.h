/* The findings of a study: the ranking, the time to each target, and the tests of differences. */
#ifndef CVY_STUDY_FINDINGS_H
#define CVY_STUDY_FINDINGS_H

#include "base/json.h"
#include "study/study.h"
#include "statistics/statistics.h"

/* A configuration that is no trial. A run that diverged counts as the worst there can be. */
typedef struct {
    size_t runs, diverged;
    cvy_quartiles final[CVY_METRIC_COUNT];  /* at the last evaluation */
    cvy_quartiles test_accuracy, test_loss; /* of the runs that have them */
    cvy_quartiles step_seconds;
    bool
        is_dearer; /* its update takes longer than plain SGD's: measured on a quiet machine, and the
                       interval of the ratio lies above 1 */
} cvy_standing;

/* How soon a configuration reached a target; a miss is infinite. */
typedef struct {
    size_t reached, of;
    cvy_quartiles steps, epochs, seconds;
} cvy_hits;

/* Two compared configurations: the first is ranked before the second. */
typedef struct {
    size_t first, second;
    double difference;     /* median over the seeds of first - second */
    cvy_interval interval; /* of that median, bootstrap, 95 % */
    bool is_planned;       /* it is among those that are tested */
    double p, p_holm; /* NaN where nothing is tested; p_holm also where all runs of one diverged */
    bool is_distinguishable; /* p_holm < 0.05 */
    double deviation;        /* of the differences; NaN where some are infinite */
    double p_equivalent; /* of the two differing by the margin or more, Holm's; NaN: not tested */
    bool is_equivalent;  /* p_equivalent < 0.05 */
} cvy_pair;

static const double cvy_significance = 0.05;

/* Which test of paired differences is made; a matter of the numbers of seeds and configurations alone, so
 * that it is settled before any run. */
typedef enum {
    CVY_TEST_WILCOXON, /* with seeds enough for it to reach the significance after Holm's correction */
    CVY_TEST_T,        /* with fewer, as no test of ranks or signs could find anything */
    CVY_TEST_NONE, /* with so few that equal differences may come of an accuracy's coarse steps */
} cvy_test;

enum { CVY_TESTED_SEEDS = 5 }; /* the least number that is tested */

typedef struct {
    const cvy_study *study;
    cvy_metric metric;     /* that configurations are ranked by */
    size_t standing_count; /* compared and untuned configurations */
    cvy_standing *standings;
    size_t *order;                                /* the compared configurations, best first */
    cvy_hits *hits;                               /* [target][standing] */
    size_t pair_count, tested_count, alive_count; /* pairs; without configurations all of whose runs
                                                     diverged; configurations without them */
    cvy_pair *pairs;
    cvy_test test;
    bool is_busy; /* other processes took so much of the machine that seconds are not comparable */
    size_t problem_count; /* of the performance profile: a target on a seed */
    double *ratios;       /* performance ratios of steps, [problem][compared] */
} cvy_findings;

/** Returns CVY_ERR_MEMORY. Released with cvy_findings_release(). */
cvy_status cvy_findings_make(const cvy_study *study, cvy_findings *findings);
void cvy_findings_release(cvy_findings *findings);

/** What summary.json holds of a study, or NULL for want of memory. */
json_t *cvy_findings_json(const cvy_findings *findings);

/** The metric at the last evaluation of a run; the worst there is where it diverged. */
double cvy_final_value(const cvy_study_run *run, cvy_metric metric);

/** How many compared configurations have a better median; equal medians share a rank. */
size_t cvy_findings_rank(const cvy_findings *findings, size_t configuration);

/** The pair of the best configuration and the one at `rank` > 0. */
const cvy_pair *cvy_findings_pair(const cvy_findings *findings, size_t rank);

/** The pair of two configurations, in any order. */
const cvy_pair *cvy_findings_pair_of(const cvy_findings *findings, size_t one, size_t other);

/** The difference that this study would have found with a probability of 80 %, for the median of the planned
 *  pairs' deviations above 0; NaN where nothing is tested, or no pair deviates: two names of one configuration. */
double cvy_findings_detectable(const cvy_findings *findings);

/** What the tests say of a configuration: "best", "worse", "no significant difference", ... against the
 *  baseline or else the best one. */
const char *cvy_findings_verdict(const cvy_findings *findings, size_t configuration);

/** Whether all runs of a configuration diverged. */
bool cvy_standing_is_lost(const cvy_standing *standing);

/** What the tests say of a pair: "different", "equivalent", "no significant difference", "not tested", "diverged". */
const char *cvy_pair_verdict(const cvy_findings *findings, const cvy_pair *pair);

bool cvy_pair_is_lost(const cvy_findings *findings, const cvy_pair *pair);

/** "val_accuracy" for people: "validation accuracy". */
extern const char *const cvy_metric_titles[CVY_METRIC_COUNT];

enum { CVY_FIGURE_BYTES = 48 };

/** A value of a metric: "98.71 %", "0.0423", "none" where it is not finite. Returns text. */
const char *cvy_metric_print(cvy_metric metric, double value, char text[CVY_FIGURE_BYTES]);

#endif
