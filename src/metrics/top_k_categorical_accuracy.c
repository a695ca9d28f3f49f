/* The fraction of samples with fewer than k outputs greater than the true class's. As in Keras,
 * equal outputs count as hits and NaN does not. */
#include <math.h>

#include "metrics/metric.h"

typedef struct {
    size_t k;
} top_k_settings;

static const cvy_setting rows[] = {
    { "k", CVY_COUNT, offsetof(top_k_settings, k), "5", 1, 65536,
      "number of largest outputs that count", 0, NULL },
    { 0 },
};

static size_t several(const void *settings, size_t outputs)
{
    (void)settings;
    return outputs > 1 ? 2 : 0;
}

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    const size_t k = ((const top_k_settings *)settings)->k;

    for (size_t s = 0; s < count; s++) {
        const float own = y[targets->label[s] * CVY_LANE + s];
        size_t greater = 0;
        for (size_t o = 0; o < outputs; o++)
            greater += !(y[o * CVY_LANE + s] <= own); /* a NaN counts as greater */
        sums[0] += greater < k && !isnan(own);
    }
    sums[1] += (double)count;
}

const cvy_metric_kind cvy_metric_top_k_categorical_accuracy = {
    .kind = { "top_k_categorical_accuracy",
              "fraction of samples whose class is among the k largest outputs", rows,
              sizeof(top_k_settings) },
    .sum_count = several,
    .add = add,
    .result = cvy_metric_mean_result,
};

const cvy_metric_kind cvy_metric_sparse_top_k_categorical_accuracy = {
    .kind = { "sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy for integer labels",
              rows, sizeof(top_k_settings) },
    .sum_count = several,
    .add = add,
    .result = cvy_metric_mean_result,
};
