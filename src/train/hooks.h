/* A training run's callbacks: what they see of it, what they may do to it, what they did. */
#ifndef CVY_TRAIN_HOOKS_H
#define CVY_TRAIN_HOOKS_H

#include "callbacks/callback.h"
#include "data/dataset.h"
#include "metrics/metric.h"
#include "model/model.h"

typedef struct {
    cvy_model *model;
    const cvy_dataset *data;
    const cvy_train_settings *settings;
    cvy_history *history; /* gets the events */
    cvy_callbacks callbacks;
    cvy_run run;
    cvy_logs known;
    cvy_metrics metrics; /* their names alone are used */
    char val_names[CVY_METRICS_COUNT_MAX][CVY_METRIC_NAME_BYTES + 4];
    size_t told_count; /* events that on_event has seen */
} cvy_hooks;

/** Read the callbacks of the settings, and see that they fit the run, whose rate callbacks may change
 *  unless there is a schedule. Leaves no trace. Released with cvy_hooks_release(), also after a
 *  failure. Returns CVY_ERR_SETTING or CVY_ERR_MEMORY. */
cvy_status cvy_hooks_create(cvy_model *model, const cvy_dataset *data,
                            const cvy_train_settings *settings, bool has_schedule,
                            cvy_hooks *hooks);
void cvy_hooks_release(cvy_hooks *hooks);

/** Training begins, at that rate. */
cvy_status cvy_hooks_begin(cvy_hooks *hooks, double learning_rate, cvy_history *history);

/** epoch: what the epoch came to, or the part of it that ends with step `batch`, from 0. */
cvy_status cvy_hooks_batch_end(cvy_hooks *hooks, const cvy_epoch *epoch, size_t batch);
cvy_status cvy_hooks_epoch_end(cvy_hooks *hooks, const cvy_epoch *epoch);
cvy_status cvy_hooks_end(cvy_hooks *hooks);

/** Hand on_event what has happened since the last time. */
void cvy_hooks_tell(cvy_hooks *hooks);

#endif
