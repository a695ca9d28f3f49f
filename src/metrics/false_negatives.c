/* The number of wrong negative decisions. */
#include "metrics/confusion.h"

static const cvy_setting rows[] = { CVY_DECISION_ROWS };

static double result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    return sums[CVY_FALSE_NEGATIVES];
}

const cvy_metric_kind cvy_metric_false_negatives = {
    .kind = { "false_negatives", "number of false negatives", rows,
              sizeof(cvy_confusion_settings) },
    .direction = CVY_METRIC_SMALLER_IS_BETTER,
    .sum_count = cvy_confusion_sums,
    .add = cvy_confusion_add,
    .result = result,
};
