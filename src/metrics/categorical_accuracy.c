/* The fraction of samples whose largest output is that of the true class. Of equal outputs the
 * lowest index counts; a NaN is never the largest. */
#include <math.h>

#include "metrics/metric.h"

static size_t several(const void *settings, size_t outputs)
{
    (void)settings;
    return outputs > 1 ? 2 : 0;
}

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    (void)settings;
    for (size_t s = 0; s < count; s++) {
        size_t best = 0;
        for (size_t o = 1; o < outputs; o++)
            if (y[o * CVY_LANE + s] > y[best * CVY_LANE + s])
                best = o;
        sums[0] += best == targets->label[s] && !isnan(y[best * CVY_LANE + s]);
    }
    sums[1] += (double)count;
}

const cvy_metric_kind cvy_metric_categorical_accuracy = {
    .kind = { .name = "categorical_accuracy",
              .summary = "fraction of samples classified correctly" },
    .sum_count = several,
    .add = add,
    .result = cvy_metric_mean_result,
};

const cvy_metric_kind cvy_metric_sparse_categorical_accuracy = {
    .kind = { .name = "sparse_categorical_accuracy",
              .summary = "categorical_accuracy for integer labels" },
    .sum_count = several,
    .add = add,
    .result = cvy_metric_mean_result,
};
