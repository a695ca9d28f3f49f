/* The area under a curve over thresholds, like Keras's AUC with its defaults. There are
 * num_thresholds thresholds: -1e-7, evenly spaced ones, and 1 + 1e-7. Every entry of the one-hot
 * matrix is a decision. The area under the ROC curve is computed by the trapezoidal rule, that of
 * precision and recall by the interpolation of Davis and Goadrich (2006). */
#include <math.h>

#include "metrics/metric.h"

enum { CURVE_ROC, CURVE_PR };

typedef struct {
    size_t num_thresholds;
    int curve;
} auc_settings;

static const char *const curves[] = { "ROC", "PR", NULL };
static const cvy_setting rows[] = {
    { "num_thresholds", CVY_COUNT, offsetof(auc_settings, num_thresholds), "200", 2, 2000,
      "points of the curve", 0, NULL },
    { "curve", CVY_CHOICE, offsetof(auc_settings, curve), "ROC", 0, 0, "which curve", 0, curves },
    { 0 },
};

static size_t sum_count(const void *settings, size_t outputs)
{
    (void)outputs;
    return 2 * (((const auc_settings *)settings)->num_thresholds + 1);
}

/* The number of thresholds below an output: 0 is -1e-7, i is i / (n - 1), n - 1 is 1 + 1e-7. */
static size_t count_below(size_t n, float y)
{
    if (!(y > -1e-7f))
        return 0;
    double last = ceil((double)y * (double)(n - 1));
    size_t below = last < 1 ? 1 : last > (double)(n - 1) ? n - 1 : (size_t)last;
    while (below > 1 && !((double)y > (double)(float)((double)(below - 1) / (double)(n - 1))))
        below--;
    while (below < n - 1 && (double)y > (double)(float)((double)below / (double)(n - 1)))
        below++;
    return below == n - 1 && y > 1 + 1e-7f ? n : below;
}

/* sums: histograms over the number of thresholds below an entry, of the true entries,
 * then of the others. */
static void add(const void *settings, size_t outputs, size_t count, const float *y,
                const cvy_targets *targets, double *sums)
{
    const size_t n = ((const auc_settings *)settings)->num_thresholds;

    for (size_t s = 0; s < count; s++)
        for (size_t o = 0; o < outputs; o++) {
            const bool is_true = cvy_target_value(targets, outputs, o, s) > 0;
            sums[(is_true ? 0 : n + 1) + count_below(n, y[o * CVY_LANE + s])]++;
        }
}

/* Positive decisions at a threshold. */
typedef struct {
    double true_positives, false_positives;
} point;

static double pr_part(point a, point b, double true_count)
{
    const double d_true = a.true_positives - b.true_positives;
    const double said = a.true_positives + a.false_positives;
    const double d_said = said - b.true_positives - b.false_positives;
    const double slope = d_said > 0 ? d_true / d_said : 0;
    const double intercept = b.true_positives - slope * (b.true_positives + b.false_positives);
    const double said_b = b.true_positives + b.false_positives;
    const double ratio = said > 0 && said_b > 0 ? said / said_b : 1;

    return true_count > 0 ? slope * (d_true + intercept * log(ratio)) / true_count : 0;
}

static double result(const void *settings, size_t outputs, const double *sums)
{
    const auc_settings *s = settings;
    const size_t n = s->num_thresholds;
    double true_count = 0, false_count = 0, area = 0;
    point before = { 0, 0 };

    (void)outputs;
    for (size_t i = 0; i <= n; i++) {
        true_count += sums[i];
        false_count += sums[n + 1 + i];
    }
    before = (point){ sums[n], sums[2 * n + 1] }; /* above the last threshold */
    for (size_t i = n - 1; i > 0; i--) {
        const point here = { before.true_positives + sums[i],
                             before.false_positives + sums[n + 1 + i] };
        if (s->curve == CURVE_PR)
            area += pr_part(here, before, true_count);
        else if (true_count > 0 && false_count > 0)
            area += (here.false_positives - before.false_positives) / false_count *
                    (here.true_positives + before.true_positives) / 2 / true_count;
        before = here;
    }
    return area;
}

const cvy_metric_kind cvy_metric_auc = {
    .kind = { "auc", "area under the ROC or precision-recall curve", rows, sizeof(auc_settings) },
    .sum_count = sum_count,
    .add = add,
    .result = result,
};
