/* The list of metrics, and reading some of them. */
#include "metrics/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"

#define ALL(apply)                                                                                 \
    apply(binary_accuracy) apply(categorical_accuracy) apply(sparse_categorical_accuracy)          \
        apply(top_k_categorical_accuracy) apply(sparse_top_k_categorical_accuracy)                 \
            apply(precision) apply(recall) apply(true_positives) apply(false_positives)            \
                apply(true_negatives) apply(false_negatives) apply(auc) apply(f1_score)            \
                    apply(fbeta_score) apply(binary_crossentropy) apply(categorical_crossentropy)  \
                        apply(sparse_categorical_crossentropy) apply(kl_divergence) apply(poisson) \
                            apply(mean_squared_error) apply(root_mean_squared_error)               \
                                apply(mean_absolute_error) apply(mean_absolute_percentage_error)   \
                                    apply(mean_squared_logarithmic_error) apply(log_cosh)          \
                                        apply(hinge) apply(squared_hinge) apply(categorical_hinge) \
                                            apply(cosine_similarity) apply(r2_score)
#define DECLARE(name) extern const cvy_metric_kind cvy_metric_##name;
#define LIST(name)    &cvy_metric_##name.kind,

ALL(DECLARE)

const cvy_kind *const cvy_metric_kinds[] = { ALL(LIST) NULL };

size_t cvy_metric_mean_sums(const void *settings, size_t outputs)
{
    (void)settings, (void)outputs;
    return 2;
}

double cvy_metric_mean_result(const void *settings, size_t outputs, const double *sums)
{
    (void)settings, (void)outputs;
    return sums[1] > 0 ? sums[0] / sums[1] : 0;
}

/* Expand one of Keras's short names. Logs keep the short one, as in Keras. */
static const char *long_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        { "mse", "mean_squared_error" },
        { "MSE", "mean_squared_error" },
        { "mae", "mean_absolute_error" },
        { "MAE", "mean_absolute_error" },
        { "mape", "mean_absolute_percentage_error" },
        { "MAPE", "mean_absolute_percentage_error" },
        { "msle", "mean_squared_logarithmic_error" },
        { "MSLE", "mean_squared_logarithmic_error" },
        { "bce", "binary_crossentropy" },
        { "kld", "kl_divergence" },
        { "rmse", "root_mean_squared_error" },
        { "logcosh", "log_cosh" },
        { "log_cosh_error", "log_cosh" },
    };

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            return aliases[i].name;
    return name;
}

bool cvy_metric_direction_of(const char *name, cvy_metric_direction *direction)
{
    const cvy_kind *kind = cvy_kind_find(cvy_metric_kinds, long_name(name));

    if (kind == NULL)
        return false;
    *direction = ((const cvy_metric_kind *)kind)->direction;
    return true;
}

static cvy_status add_metric(const char *spec, cvy_metrics *metrics)
{
    const size_t length = strcspn(spec, ":");
    const size_t count = metrics->count;
    const cvy_kind *kind;
    char *name = metrics->items[count].name, whole[1024];
    cvy_status status;

    if (length >= CVY_METRIC_NAME_BYTES || strlen(spec) >= sizeof whole - CVY_METRIC_NAME_BYTES)
        return cvy_fail(CVY_ERR_SETTING, "metric: \"%.60s...\" is too long", spec);
    snprintf(name, CVY_METRIC_NAME_BYTES, "%.*s", (int)length, spec);
    for (size_t i = 0; i < count; i++)
        if (strcmp(metrics->items[i].name, name) == 0)
            return cvy_fail(CVY_ERR_SETTING, "metric %s is given twice", name);
    snprintf(whole, sizeof whole, "%s%s", long_name(name), spec + length);
    status =
        cvy_spec_read("metric", whole, cvy_metric_kinds, &kind, &metrics->items[count].settings);
    if (status != CVY_OK)
        return status;
    metrics->items[count].kind = (const cvy_metric_kind *)kind;
    metrics->items[count].first_sum = metrics->sum_count;
    metrics->count++;
    const size_t sums =
        metrics->items[count].kind->sum_count(metrics->items[count].settings, metrics->outputs);
    if (sums == 0 || sums > CVY_METRIC_SUMS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "metric %s: does not fit a model with %zu output%s", name,
                        metrics->outputs, cvy_plural(metrics->outputs));
    metrics->sum_count += sums;
    return CVY_OK;
}

/* Whether a comma is followed by a setting, key=value, of the metric before it. */
static bool continues(const char *after)
{
    return after[strcspn(after, ",:=")] == '=';
}

cvy_status cvy_metrics_read(const char *text, size_t outputs, cvy_metrics *metrics)
{
    char *copy;

    *metrics = (cvy_metrics){ .outputs = outputs };
    if (text == NULL || *text == '\0')
        return CVY_OK;
    cvy_status status = cvy_text_copy(text, &copy);
    char *spec = copy;
    while (status == CVY_OK && spec != NULL) {
        char *end = strchr(spec, ',');
        while (end != NULL && continues(end + 1))
            end = strchr(end + 1, ',');
        if (end != NULL)
            *end++ = '\0';
        if (strcmp(spec, "accuracy") != 0 && strcmp(spec, "acc") != 0) {
            status = metrics->count < CVY_METRICS_COUNT_MAX
                         ? add_metric(spec, metrics)
                         : cvy_fail(CVY_ERR_SETTING, "metrics: expected at most %d",
                                    CVY_METRICS_COUNT_MAX);
        }
        spec = end;
    }
    cvy_memory_free(copy);
    return status;
}

void cvy_metrics_release(cvy_metrics *metrics)
{
    for (size_t i = 0; i < CVY_METRICS_COUNT_MAX; i++)
        cvy_memory_free(metrics->items[i].settings);
    *metrics = (cvy_metrics){ 0 };
}

void cvy_metrics_add(const cvy_metrics *metrics, size_t count, const float *y,
                     const cvy_targets *targets, double *sums)
{
    for (size_t i = 0; i < metrics->count; i++)
        metrics->items[i].kind->add(metrics->items[i].settings, metrics->outputs, count, y, targets,
                                    sums + metrics->items[i].first_sum);
}

void cvy_metrics_results(const cvy_metrics *metrics, const double *sums, double *values)
{
    for (size_t i = 0; i < metrics->count; i++)
        values[i] = metrics->items[i].kind->result(metrics->items[i].settings, metrics->outputs,
                                                   sums + metrics->items[i].first_sum);
}
