/* A metric: sums over samples and a value computed from them. The sums of lanes are added in lane
 * order, so no metric depends on the number of workers. */
#ifndef CVY_METRICS_METRIC_H
#define CVY_METRICS_METRIC_H

#include "losses/loss.h"

enum { CVY_METRIC_SUMS_MAX = 4096 };

typedef enum { CVY_METRIC_LARGER_IS_BETTER, CVY_METRIC_SMALLER_IS_BETTER } cvy_metric_direction;

typedef struct {
    cvy_kind kind;
    cvy_metric_direction direction;

    /* The number of sums for a model with so many outputs, at most CVY_METRIC_SUMS_MAX; 0: the
     * metric does not fit such a model. */
    size_t (*sum_count)(const void *settings, size_t outputs);

    /* Add the lane's first `count` samples to the sums. y: the model's outputs [outputs][LANE] as
     * in Keras, with a final softmax applied. */
    void (*add)(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums);

    double (*result)(const void *settings, size_t outputs, const double *sums);
} cvy_metric_kind;

/* The list, by Keras's names. NULL-terminated. */
extern const cvy_kind *const cvy_metric_kinds[];

enum { CVY_METRICS_COUNT_MAX = 8, CVY_METRIC_NAME_BYTES = 64 };

/* The metrics of a run, in their order. */
typedef struct {
    size_t count, sum_count; /* of all of them */
    size_t outputs;
    struct {
        const cvy_metric_kind *kind;
        void *settings;
        size_t first_sum;
        char name[CVY_METRIC_NAME_BYTES]; /* in logs: as given, without settings */
    } items[CVY_METRICS_COUNT_MAX];
} cvy_metrics;

/**
 * Read "top_k_categorical_accuracy:k=3,auc" for a model with so many outputs; NULL or "" means no
 * metrics. A comma separates settings if key=value follows, else metrics. Released with
 * cvy_metrics_release(), also after a failure.
 * Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_metrics_read(const char *text, size_t outputs, cvy_metrics *metrics);
void cvy_metrics_release(cvy_metrics *metrics);

/** Add a lane's samples to `sums` [metrics->sum_count]. */
void cvy_metrics_add(const cvy_metrics *metrics, size_t count, const float *y,
                     const cvy_targets *targets, double *sums);

/** Compute values [metrics->count] from the sums. */
void cvy_metrics_results(const cvy_metrics *metrics, const double *sums, double *values);

/** Get Keras's direction of the metric `name`, without "val_".
 *  Returns false if there is no such metric. */
bool cvy_metric_direction_of(const char *name, cvy_metric_direction *direction);

/* sum_count() and result() of a mean: the sums are that of a value
 * per sample and the number of samples. */
size_t cvy_metric_mean_sums(const void *settings, size_t outputs);
double cvy_metric_mean_result(const void *settings, size_t outputs, const double *sums);

#endif
