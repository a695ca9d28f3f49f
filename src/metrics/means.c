/* Metrics that are the mean of a loss over the samples, or the root of one. As by default in Keras,
 * outputs are taken as probabilities, not as logits. */
#include <math.h>

#include "losses/crossentropy.h"
#include "metrics/metric.h"

/* Add the loss of each sample. */
static void add_loss(const cvy_loss_kind *kind, double sign, size_t outputs, size_t count,
                     const float *y, const cvy_targets *targets, double *sums)
{
    const cvy_crossentropy_settings of_probabilities = { { CVY_LOGITS_FALSE, false }, 0 };
    float loss[CVY_LANE];

    kind->forward(&of_probabilities, NULL, outputs, y, targets, loss);
    for (size_t s = 0; s < count; s++)
        sums[0] += sign * (double)loss[s];
    sums[1] += (double)count;
}

#define MEAN(id, loss, sign, direction_of, summary_text)                                           \
    extern const cvy_loss_kind cvy_loss_##loss;                                                    \
    static void id##_add(const void *settings, size_t outputs, size_t count, const float *y,       \
                         const cvy_targets *targets, double *sums)                                 \
    {                                                                                              \
        (void)settings;                                                                            \
        add_loss(&cvy_loss_##loss, sign, outputs, count, y, targets, sums);                        \
    }                                                                                              \
    const cvy_metric_kind cvy_metric_##id = {                                                      \
        .kind = { .name = #id, .summary = summary_text },                                          \
        .direction = direction_of,                                                                 \
        .sum_count = cvy_metric_mean_sums,                                                         \
        .add = id##_add,                                                                           \
        .result = cvy_metric_mean_result,                                                          \
    };
#define LOSS(id, summary) MEAN(id, id, 1, CVY_METRIC_SMALLER_IS_BETTER, summary)

LOSS(binary_crossentropy, "the loss of that name, of probabilities")
LOSS(categorical_crossentropy, "the loss of that name, of probabilities")
LOSS(sparse_categorical_crossentropy, "the loss of that name, of probabilities")
LOSS(kl_divergence, "the loss of that name")
LOSS(poisson, "the loss of that name")
LOSS(mean_squared_error, "the loss of that name")
LOSS(mean_absolute_error, "the loss of that name")
LOSS(mean_absolute_percentage_error, "the loss of that name")
LOSS(mean_squared_logarithmic_error, "the loss of that name")
LOSS(log_cosh, "the loss of that name")
LOSS(hinge, "the loss of that name")
LOSS(squared_hinge, "the loss of that name")
LOSS(categorical_hinge, "the loss of that name")
MEAN(cosine_similarity, cosine_similarity, -1, CVY_METRIC_LARGER_IS_BETTER,
     "the cosine of outputs and targets")

static double root_result(const void *settings, size_t outputs, const double *sums)
{
    return sqrt(cvy_metric_mean_result(settings, outputs, sums));
}

const cvy_metric_kind cvy_metric_root_mean_squared_error = {
    .kind = { .name = "root_mean_squared_error", .summary = "the root of mean_squared_error" },
    .direction = CVY_METRIC_SMALLER_IS_BETTER,
    .sum_count = cvy_metric_mean_sums,
    .add = mean_squared_error_add,
    .result = root_result,
};
