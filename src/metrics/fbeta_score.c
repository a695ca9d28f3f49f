/* (1 + beta^2) P R / (beta^2 P + R) of each class, with 1e-7 added to each denominator, as in
 * Keras. The classes of a sample's largest outputs are positive, or those above a threshold.
 * Keras's default, average=none, is one number per class; convoy's is their mean, macro. */
#include <math.h>

#include "metrics/metric.h"

enum { AVERAGE_MACRO, AVERAGE_MICRO, AVERAGE_WEIGHTED };
enum { HITS, SAID, TRUE, PER_CLASS };

typedef struct {
    int average;
    double beta, threshold;
} fbeta_settings;

static const char *const averages[] = { "macro", "micro", "weighted", NULL };
#define AT(member) offsetof(fbeta_settings, member)
#define COMMON_ROWS                                                                                \
    {                                                                                              \
        "average", CVY_CHOICE, AT(average), "macro", 0, 0, "how to average over classes",          \
        0,         averages                                                                        \
    },                                                                                             \
    {                                                                                              \
        "threshold", CVY_FLOAT, AT(threshold), "none", 0, 1,                                       \
            "an output above it is a positive decision; none: the largest is", CVY_OR_NONE, NULL   \
    }
static const cvy_setting fbeta_rows[] = {
    COMMON_ROWS,
    { "beta", CVY_FLOAT, AT(beta), "1", 0, HUGE_VAL, "weight of recall relative to precision",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { 0 },
};
static const cvy_setting f1_rows[] = { COMMON_ROWS, { 0 } };

static size_t sum_count(const void *settings, size_t outputs)
{
    (void)settings;
    return outputs > 1 ? PER_CLASS * outputs : 0;
}

static bool says_yes(const fbeta_settings *s, float y, float largest)
{
    if (!isnan(s->threshold))
        return y > (float)s->threshold;
    return y == largest && fabsf(y) > 1e-9f;
}

static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    for (size_t s = 0; s < count; s++) {
        float largest = y[s];
        for (size_t o = 1; o < outputs; o++)
            largest = y[o * CVY_LANE + s] > largest ? y[o * CVY_LANE + s] : largest;
        for (size_t o = 0; o < outputs; o++) {
            const bool is_positive = says_yes(settings, y[o * CVY_LANE + s], largest);
            const bool is_true = targets->label[s] == o;
            sums[PER_CLASS * o + HITS] += is_positive && is_true;
            sums[PER_CLASS * o + SAID] += is_positive;
            sums[PER_CLASS * o + TRUE] += is_true;
        }
    }
}

static double score_of(double beta, const double sums[PER_CLASS])
{
    const double e = 1e-7, precision = sums[HITS] / (sums[SAID] + e);
    const double recall = sums[HITS] / (sums[TRUE] + e);
    return (1 + beta * beta) * precision * recall / (beta * beta * precision + recall + e);
}

static double average(const fbeta_settings *s, double beta, size_t outputs, const double *sums)
{
    double all[PER_CLASS] = { 0 }, mean = 0, weighted = 0;

    for (size_t o = 0; o < outputs; o++) {
        for (size_t i = 0; i < PER_CLASS; i++)
            all[i] += sums[PER_CLASS * o + i];
        mean += score_of(beta, sums + PER_CLASS * o) / (double)outputs;
        weighted += score_of(beta, sums + PER_CLASS * o) * sums[PER_CLASS * o + TRUE];
    }
    if (s->average == AVERAGE_MICRO)
        return score_of(beta, all);
    return s->average == AVERAGE_MACRO ? mean : weighted / (all[TRUE] + 1e-7);
}

static double fbeta_result(const void *settings, size_t outputs, const double *sums)
{
    return average(settings, ((const fbeta_settings *)settings)->beta, outputs, sums);
}

static double f1_result(const void *settings, size_t outputs, const double *sums)
{
    return average(settings, 1, outputs, sums);
}

const cvy_metric_kind cvy_metric_fbeta_score = {
    .kind = { "fbeta_score", "weighted harmonic mean of precision and recall", fbeta_rows,
              sizeof(fbeta_settings) },
    .sum_count = sum_count,
    .add = add,
    .result = fbeta_result,
};

const cvy_metric_kind cvy_metric_f1_score = {
    .kind = { "f1_score", "harmonic mean of precision and recall", f1_rows,
              sizeof(fbeta_settings) },
    .sum_count = sum_count,
    .add = add,
    .result = f1_result,
};
