/* The number of correct negative decisions. */
#include "metrics/confusion.h"

static const cvy_setting rows[] = { CVY_DECISION_ROWS };

static double result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    return sums[CVY_TRUE_NEGATIVES];
}

const cvy_metric_kind cvy_metric_true_negatives = {
    .kind = { "true_negatives", "number of true negatives", rows, sizeof(cvy_confusion_settings) },
    .sum_count = cvy_confusion_sums,
    .add = cvy_confusion_add,
    .result = result,
};
