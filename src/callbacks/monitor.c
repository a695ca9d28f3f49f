#include "callbacks/monitor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/synonyms.h"

typedef enum { MODE_AUTO, MODE_MIN, MODE_MAX } mode;
const char *const cvy_monitor_modes[] = { "auto", "min", "max", NULL };

static const char validation[] = "val_";

static bool is_of_validation(const cvy_monitor *monitor)
{
    return strncmp(monitor->monitor, validation, strlen(validation)) == 0;
}

/* Endings of the metrics that should be minimized; all other known metrics should be maximized.
 * Keras asks its metrics for their direction; here it follows from their names. */
static mode direction_of_name(const char *name)
{
    static const char *const smaller[] = {
        "loss",     "crossentropy", "_error", "divergence", "poisson", "hinge", "cosh",
        "mse",      "mae",          "mape",   "msle",       "bce",     "kld",   "false_positives",
        "negatives"
    };
    static const char *const larger[] = { "accuracy", "precision",  "recall", "true_positives",
                                          "auc",      "similarity", "score",  "true_negatives" };
    const size_t length = strlen(name);

    for (size_t i = 0; i < sizeof larger / sizeof *larger; i++)
        if (length >= strlen(larger[i]) &&
            strcmp(name + length - strlen(larger[i]), larger[i]) == 0)
            return MODE_MAX;
    for (size_t i = 0; i < sizeof smaller / sizeof *smaller; i++)
        if (length >= strlen(smaller[i]) &&
            strcmp(name + length - strlen(smaller[i]), smaller[i]) == 0)
            return MODE_MIN;
    return MODE_AUTO;
}

static mode direction(const cvy_monitor *monitor)
{
    const char *name = monitor->monitor + (is_of_validation(monitor) ? strlen(validation) : 0);

    if (monitor->mode != MODE_AUTO)
        return (mode)monitor->mode;
    return direction_of_name(name);
}

cvy_status cvy_monitor_check(const cvy_monitor *monitor)
{
    static const char *const names[] = { "loss", "accuracy", "val_loss", "val_accuracy" };
    char hint[128] = "";

    if (direction(monitor) != MODE_AUTO)
        return CVY_OK;
    const char *meant =
        cvy_suggest("monitor", monitor->monitor, names, sizeof names / sizeof *names).meant;
    if (meant != NULL)
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", meant);
    return cvy_fail(
        CVY_ERR_SETTING,
        "monitor: unknown value \"%s\", known are loss, accuracy, val_loss and val_accuracy; "
        "any other needs a mode, min or max%s",
        monitor->monitor, hint);
}

/* Explain what is wrong with a name that no epoch of this run will have. */
static cvy_status fail_unknown(const cvy_monitor *monitor, const cvy_callback_run *run)
{
    const char *names[CVY_LOGS_MAX];
    char list[256], hint[128] = "";

    for (size_t i = 0; i < run->known->count; i++)
        names[i] = run->known->entries[i].name;
    const char *meant = cvy_suggest("monitor", monitor->monitor, names, run->known->count).meant;
    if (meant != NULL)
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", meant);
    cvy_logs_print_names(run->known, list, sizeof list);
    return cvy_fail(CVY_ERR_SETTING, "monitor: unknown value \"%s\", known here are %s%s",
                    monitor->monitor, list, hint);
}

cvy_status cvy_monitor_check_run(const cvy_monitor *monitor, const cvy_callback_run *run)
{
    const char *trained = monitor->monitor + (is_of_validation(monitor) ? strlen(validation) : 0);

    if (cvy_logs_find(run->known, monitor->monitor) != NULL)
        return CVY_OK;
    if (!is_of_validation(monitor) || cvy_logs_find(run->known, trained) == NULL ||
        cvy_logs_find(run->known, "val_loss") != NULL)
        return fail_unknown(monitor, run);
    return cvy_fail(
        CVY_ERR_SETTING,
        "monitor: found \"%s\", but no images are held out for validation\n"
        "Hold some out, as in --validation-split 0.1, or monitor the training: monitor=%s.",
        monitor->monitor, trained);
}

bool cvy_monitor_beats(const cvy_monitor *monitor, double value, double reference)
{
    const double delta = fabs(monitor->min_delta);

    if (direction(monitor) == MODE_MAX)
        return (float)(value - delta) > (float)reference;
    return (float)(value + delta) < (float)reference;
}

bool cvy_monitor_improves(const cvy_monitor *monitor, double value, const cvy_best *best)
{
    return !best->is_set || cvy_monitor_beats(monitor, value, best->value);
}

cvy_status cvy_monitor_find(const cvy_callback *callback, const cvy_callback_run *run,
                            const cvy_logs *logs, bool *is_told, const double **value)
{
    const cvy_monitor *monitor = callback->settings;
    char names[128];

    *value = cvy_logs_find(logs, monitor->monitor);
    if (*value != NULL || *is_told)
        return CVY_OK;
    *is_told = true;
    cvy_logs_print_names(logs, names, sizeof names);
    return cvy_callback_tell(callback, run, "missing", 0, NAN, "there is no %s to watch, only %s",
                             monitor->monitor, names);
}
