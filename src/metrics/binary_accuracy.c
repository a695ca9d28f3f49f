/* The fraction of outputs on the correct side of a threshold. */
#include "metrics/metric.h"

typedef struct {
    double threshold;
} binary_settings;

static const cvy_setting rows[] = {
    { "threshold", CVY_FLOAT, offsetof(binary_settings, threshold), "0.5", 0, 1,
      "an output above it is a positive decision", 0, NULL },
    { 0 },
};

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    const float threshold = (float)((const binary_settings *)settings)->threshold;

    for (size_t s = 0; s < count; s++) {
        size_t hits = 0;
        for (size_t o = 0; o < outputs; o++) {
            const float said = y[o * CVY_LANE + s] > threshold ? 1 : 0;
            hits += said == cvy_target_value(targets, outputs, o, s);
        }
        sums[0] += (double)hits / (double)outputs;
    }
    sums[1] += (double)count;
}

const cvy_metric_kind cvy_metric_binary_accuracy = {
    .kind = { "binary_accuracy", "fraction of outputs on the correct side of a threshold", rows,
              sizeof(binary_settings) },
    .sum_count = cvy_metric_mean_sums,
    .add = add,
    .result = cvy_metric_mean_result,
};
