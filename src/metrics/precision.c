/* The fraction of positive decisions that are correct; 0 if there are none. */
#include "metrics/confusion.h"

static const cvy_setting rows[] = { CVY_CONFUSION_ROWS };

static double result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    const double said = sums[CVY_TRUE_POSITIVES] + sums[CVY_FALSE_POSITIVES];
    return said > 0 ? sums[CVY_TRUE_POSITIVES] / said : 0;
}

const cvy_metric_kind cvy_metric_precision = {
    .kind = { "precision", "true positives among all positive decisions", rows,
              sizeof(cvy_confusion_settings) },
    .sum_count = cvy_confusion_sums,
    .add = cvy_confusion_add,
    .result = result,
};
