#include "study/targets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/memory.h"
#include "base/synonyms.h"

enum { HINT_BYTES = 128 };

/* Suggest a spelling: "val_acc>=98%" becomes val_accuracy=0.98; a number alone is assigned to the
 * last name, val_accuracy. */
static void print_hint(const char *text, const char *const *names, size_t count,
                       char hint[HINT_BYTES])
{
    const size_t length = strcspn(text, "=:<> ");
    const char *value = text + length + strspn(text + length, "=:<> ");
    const bool is_number = text[0] != '\0' && text[strspn(text, "0123456789.%")] == '\0';
    char name[CVY_NAME_BYTES];

    hint[0] = '\0';
    if (count == 0)
        return;
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    const char *meant =
        is_number ? names[count - 1] : cvy_suggest("monitor", name, names, count).meant;
    if (meant == NULL)
        return;
    if (is_number)
        value = text;
    if (*value == '\0')
        snprintf(hint, HINT_BYTES, "; a value is missing, as in %s=%s", meant,
                 strstr(meant, "acc") != NULL ? "0.98" : "0.1");
    else {
        static const cvy_setting share = { "", CVY_FLOAT, 0, NULL, 0, 1, "", 0, NULL };
        char fraction[CVY_NAME_BYTES];
        const bool is_share =
            strstr(meant, "acc") != NULL && cvy_value_meant(&share, value, fraction);
        snprintf(hint, HINT_BYTES, "; did you mean %s=%.40s?", meant, is_share ? fraction : value);
    }
}

static bool is_recorded(const cvy_study *study, bool has_accuracy, size_t metric)
{
    const bool is_validation = metric == CVY_METRIC_VAL_LOSS || metric == CVY_METRIC_VAL_ACCURACY;

    return (has_accuracy || !cvy_metric_rises(metric)) &&
           (study->setup.validation_count > 0 || !is_validation);
}

static cvy_status read_target(const cvy_study *study, bool has_accuracy, const char *text,
                              cvy_target *target)
{
    static const cvy_setting any = { "--target", CVY_FLOAT, 0, NULL, -HUGE_VAL,
                                     HUGE_VAL,   "",        0, NULL };
    static const cvy_setting share = { "--target", CVY_FLOAT, 0, NULL, 0, 1, "", 0, NULL };
    const size_t length = strcspn(text, "=");
    char recorded[CVY_NAME_BYTES * 2] = "auto", hint[HINT_BYTES];
    const char *names[CVY_METRIC_COUNT];
    size_t count = 0;

    if (strcmp(text, "auto") == 0) {
        *target = (cvy_target){ .value = NAN, .is_auto = true };
        for (size_t i = 0; i < CVY_METRIC_COUNT; i++)
            if (is_recorded(study, has_accuracy, i))
                target->metric = i;
        return CVY_OK;
    }
    for (size_t i = 0; i < CVY_METRIC_COUNT; i++) {
        const char *name = cvy_metric_names[i];
        if (!is_recorded(study, has_accuracy, i))
            continue;
        names[count++] = name;
        strcat(strcat(strcat(recorded, ", "), name), "=VALUE");
        if (strlen(name) != length || strncmp(name, text, length) != 0 || text[length] != '=')
            continue;
        target->metric = i;
        return cvy_setting_parse(cvy_metric_rises(i) ? &share : &any, text + length + 1,
                                 &target->value);
    }
    print_hint(text, names, count, hint);
    return cvy_fail(CVY_ERR_SETTING, "--target: found \"%.80s\", expected %s%s", text, recorded,
                    hint);
}

static bool is_same_target(const cvy_target *a, const cvy_target *b)
{
    return a->metric == b->metric && a->is_auto == b->is_auto &&
           (a->is_auto || a->value == b->value);
}

/* Add the next target to the study. */
static cvy_status add_target(bool has_accuracy, const char *text, cvy_study *study)
{
    cvy_target *target = &study->targets[study->target_count];
    cvy_status status = read_target(study, has_accuracy, text, target);

    for (size_t i = 0; status == CVY_OK && i < study->target_count; i++)
        if (is_same_target(&study->targets[i], target))
            status = cvy_fail(CVY_ERR_SETTING, "--target: \"%.80s\" is given twice", text);
    if (status == CVY_OK)
        study->target_count++;
    return status;
}

cvy_status cvy_targets_read(const cvy_study_settings *settings, bool has_accuracy, cvy_study *study)
{
    static const cvy_text_list by_itself = { 1, { "auto" } };
    const cvy_text_list *texts = settings->targets->count > 0 ? settings->targets : &by_itself;
    cvy_status status = cvy_memory_create(texts->count, sizeof *study->targets, &study->targets);

    for (size_t i = 0; status == CVY_OK && i < texts->count; i++)
        status = add_target(has_accuracy, texts->texts[i], study);
    return status;
}

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The best value of a run, as its largest: the sign is changed for metrics where lower is better. A
 * diverged run is worse than any other. */
static double best_value(const cvy_study_run *run, cvy_metric metric)
{
    const double sign = cvy_metric_rises(metric) ? 1 : -1;
    double best = -HUGE_VAL;

    for (size_t i = 0; run->state == CVY_RUN_FINISHED && i < run->point_count; i++)
        best = fmax(best, sign * run->points[i].metric[metric]);
    return best;
}

/* As in AlgoPerf: for each baseline the median over its repeats of a run's best value; the target
 * is the largest of these medians. For an even number it is the lower of the two middle values:
 * then more than half of the runs reach it, so that the median of their steps exists. Source: Dahl
 * et al., Benchmarking Neural Network Training Algorithms (2023). */
static double automatic_value(const cvy_study *study, cvy_metric metric, double *values)
{
    double target = -HUGE_VAL;

    for (size_t i = 0; i < study->compared_count; i++) {
        const size_t n = study->configurations[i].run_count;
        for (size_t s = 0; s < n; s++)
            values[s] = best_value(cvy_study_run_at(study, i, s), metric);
        qsort(values, n, sizeof *values, compare_numbers);
        target = fmax(target, values[(n - 1) / 2]);
    }
    if (isinf(target))
        return NAN;
    return cvy_metric_rises(metric) ? target : -target;
}

cvy_status cvy_study_set_targets(cvy_study *study)
{
    double *values;
    cvy_status status = cvy_memory_create(study->seed_count, sizeof *values, &values);

    for (size_t i = 0; status == CVY_OK && i < study->target_count; i++)
        if (study->targets[i].is_auto)
            study->targets[i].value = automatic_value(study, study->targets[i].metric, values);
    cvy_memory_free(values);
    return status;
}
