/* How many decisions are wrong and positive. */
#include "metrics/confusion.h"

static const cvy_setting rows[] = {
    { "thresholds", CVY_FLOAT, offsetof(cvy_confusion_settings, thresholds), "none", 0, 1,
      "above it an output says yes; none: 0.5", CVY_OR_NONE, NULL },
    { "class_id", CVY_FLOAT, offsetof(cvy_confusion_settings, class_id), "-1", -1, 65535,
      "of this class alone; -1: of all", 0, NULL },
    { 0 }
};

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    cvy_confusion_add(settings, outputs, count, y, targets, sums);
}

static double result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    return sums[CVY_FALSE_POSITIVES];
}

const cvy_metric_kind cvy_metric_false_positives = {
    .kind = { "false_positives", "how many wrong yeses", rows, sizeof(cvy_confusion_settings) },
    .direction = CVY_METRIC_SMALLER_IS_BETTER,
    .sum_count = cvy_confusion_sums,
    .add = add,
    .result = result,
};
