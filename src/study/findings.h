/* The findings of a study: the ranking, the time to each target, and the tests of differences. */
#ifndef CVY_STUDY_FINDINGS_H
#define CVY_STUDY_FINDINGS_H

#include "base/json.h"
#include "study/study.h"
#include "statistics/statistics.h"

/* A configuration that is no trial. A diverged run counts as the worst possible. */
typedef struct {
    size_t runs, diverged;
    cvy_quartiles final[CVY_METRIC_COUNT];  /* at the last evaluation */
    cvy_quartiles test_accuracy, test_loss; /* of the runs that have them */
    cvy_quartiles step_seconds;
    /* Its update takes longer than plain SGD's: measured on a quiet machine, and the interval of
     * the ratio is above 1. */
    bool is_dearer;
} cvy_standing;

/* The time until a configuration reached a target; a miss is infinite. */
typedef struct {
    size_t reached, of;
    cvy_quartiles steps, epochs, seconds;
} cvy_hits;

/* Two compared configurations: the first is ranked before the second. */
typedef struct {
    size_t first, second;
    double difference;       /* median over the seeds of first - second; NaN: all runs of one
                                diverged */
    cvy_interval interval;   /* 95 % bootstrap interval of that median; NaN too with fewer than
                                CVY_TESTED_SEEDS seeds */
    bool is_planned;         /* one of the pairs to be tested */
    double p, p_holm;        /* NaN if not tested; p_holm also if all runs of one diverged */
    bool is_distinguishable; /* p_holm < 0.05 */
    double deviation;        /* standard deviation of the differences; NaN if some are infinite */
    double p_equivalent; /* p of a difference of at least the margin, after Holm; NaN: not tested */
    bool is_equivalent;  /* p_equivalent < 0.05 */
} cvy_pair;

static const double cvy_significance = 0.05;

/* The test of paired differences. It depends only on the numbers of seeds and configurations, so it
 * is fixed before any run. */
typedef enum {
    CVY_TEST_WILCOXON, /* with enough seeds to reach significance after Holm's correction */
    CVY_TEST_T,        /* with fewer, where rank and sign tests cannot find anything */
    CVY_TEST_NONE,     /* with so few that coarse accuracies may give equal differences */
} cvy_test;

enum { CVY_TESTED_SEEDS = 5 }; /* smallest number of seeds that is tested */

typedef struct {
    const cvy_study *study;
    cvy_metric metric;     /* the ranking metric */
    size_t standing_count; /* compared and untuned configurations */
    cvy_standing *standings;
    size_t *order;  /* the compared configurations, best first */
    cvy_hits *hits; /* [target][standing] */
    /* All pairs; pairs tested; configurations not all of whose runs diverged. */
    size_t pair_count, tested_count, alive_count;
    cvy_pair *pairs;
    cvy_test test;
    bool is_busy;         /* load by other processes makes seconds not comparable */
    size_t problem_count; /* problems of the performance profile: a target on a seed */
    double *ratios;       /* performance ratios of steps, [problem][compared] */
} cvy_findings;

/** Compute the findings. Returns CVY_ERR_MEMORY. Released with cvy_findings_release(). */
cvy_status cvy_findings_make(const cvy_study *study, cvy_findings *findings);
void cvy_findings_release(cvy_findings *findings);

/** Return a study's part of summary.json, or NULL if memory runs out. */
json_t *cvy_findings_json(const cvy_findings *findings);

/** The metric at a run's last evaluation; the worst possible value if it diverged. */
double cvy_final_value(const cvy_study_run *run, cvy_metric metric);

/** The number of compared configurations with a better median; equal medians share a rank. */
size_t cvy_findings_rank(const cvy_findings *findings, size_t configuration);

/** The pair of the best configuration and the one at `rank` > 0. */
const cvy_pair *cvy_findings_pair(const cvy_findings *findings, size_t rank);

/** The pair of two configurations, in any order. */
const cvy_pair *cvy_findings_pair_of(const cvy_findings *findings, size_t one, size_t other);

/** The difference that this study detects with 80 % power, for the median of the planned pairs'
 *  deviations above 0; NaN if nothing is tested or no pair deviates (two names of one
 *  configuration). */
double cvy_findings_detectable(const cvy_findings *findings);

/** The verdict on a configuration against the baseline or else the best one: "best", "worse", "no
 *  significant difference", ... */
const char *cvy_findings_verdict(const cvy_findings *findings, size_t configuration);

/** Whether all runs of a configuration diverged. */
bool cvy_standing_is_lost(const cvy_standing *standing);

/** The verdict on a pair: "different", "equivalent", "no significant difference", "not tested",
 *  "diverged". */
const char *cvy_pair_verdict(const cvy_findings *findings, const cvy_pair *pair);

bool cvy_pair_is_lost(const cvy_findings *findings, const cvy_pair *pair);

/** Readable names of metrics: "validation accuracy" for "val_accuracy". */
extern const char *const cvy_metric_titles[CVY_METRIC_COUNT];

enum { CVY_FIGURE_BYTES = 48 };

/** Print a value of a metric: "98.71 %", "0.0423", or "none" if it is not finite. Returns text. */
const char *cvy_metric_print(cvy_metric metric, double value, char text[CVY_FIGURE_BYTES]);

#endif
