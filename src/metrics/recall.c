/* The fraction of true entries that were decided positive; 0 if there are none. */
#include "metrics/confusion.h"

static const cvy_setting rows[] = { CVY_CONFUSION_ROWS };

static double result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    const double true_count = sums[CVY_TRUE_POSITIVES] + sums[CVY_FALSE_NEGATIVES];
    return true_count > 0 ? sums[CVY_TRUE_POSITIVES] / true_count : 0;
}

const cvy_metric_kind cvy_metric_recall = {
    .kind = { "recall", "true positives among all true samples", rows,
              sizeof(cvy_confusion_settings) },
    .sum_count = cvy_confusion_sums,
    .add = cvy_confusion_add,
    .result = result,
};
