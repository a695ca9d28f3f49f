/* The mean over the outputs of 1 - (sum of squared errors) / (sum of squared distances from the
 * mean target), like Keras's R2Score: 1 is the best value; predicting the mean gives 0. */
#include "metrics/metric.h"

enum { ERRORS, TARGETS, SQUARES, PER_OUTPUT };

static size_t sum_count(const void *settings, size_t outputs)
{
    (void)settings;
    return PER_OUTPUT * outputs + 1; /* plus the number of samples */
}

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    (void)settings;
    for (size_t s = 0; s < count; s++)
        for (size_t o = 0; o < outputs; o++) {
            const double t = (double)cvy_target_value(targets, outputs, o, s);
            const double error = t - (double)y[o * CVY_LANE + s];
            sums[PER_OUTPUT * o + ERRORS] += error * error;
            sums[PER_OUTPUT * o + TARGETS] += t;
            sums[PER_OUTPUT * o + SQUARES] += t * t;
        }
    sums[PER_OUTPUT * outputs] += (double)count;
}

static double result(const void *settings, size_t outputs, const double *sums)
{
    const double count = sums[PER_OUTPUT * outputs];
    double mean = 0;

    (void)settings;
    for (size_t o = 0; o < outputs; o++) {
        const double *of = sums + PER_OUTPUT * o;
        const double total = of[SQUARES] - of[TARGETS] * of[TARGETS] / count;
        mean += (total == 0 ? 0 : 1 - of[ERRORS] / total) / (double)outputs;
    }
    return mean;
}

const cvy_metric_kind cvy_metric_r2_score = {
    .kind = { .name = "r2_score", .summary = "share of the targets' variance that is explained" },
    .sum_count = sum_count,
    .add = add,
    .result = result,
};
