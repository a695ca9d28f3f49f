/* The callbacks of a training run, with their logs and events. */
#ifndef CVY_TRAIN_HOOKS_H
#define CVY_TRAIN_HOOKS_H

#include "callbacks/callback.h"
#include "data/dataset.h"
#include "metrics/metric.h"
#include "model/model.h"
#include "train/history.h"

typedef struct {
    cvy_model *model;
    const cvy_dataset *data;
    const cvy_train_settings *settings;
    cvy_results *results; /* gets the events */
    cvy_callbacks callbacks;
    cvy_callback_run run;
    cvy_logs known;
    const cvy_metrics *metrics;
    char val_names[CVY_METRICS_COUNT_MAX][CVY_METRIC_NAME_BYTES + 4];
    bool has_accuracy; /* the model has several outputs */
    size_t told_count; /* events that on_event has seen */
} cvy_hooks;

/** Read the callbacks of the settings, and check that they fit the run. They may change its
 *  learning rate unless it has a schedule. Changes nothing but *hooks.
 *  metrics: must outlive the hooks. Released with cvy_hooks_release(), also after a failure.
 *  Returns CVY_ERR_SETTING or CVY_ERR_MEMORY. */
cvy_status cvy_hooks_create(const cvy_train_settings *settings, const cvy_metrics *metrics,
                            bool has_accuracy, bool has_validation, bool has_schedule,
                            cvy_hooks *hooks);
void cvy_hooks_release(cvy_hooks *hooks);

/** Call the callbacks' train_begin. The learning rate is that of the first update. */
cvy_status cvy_hooks_begin(cvy_hooks *hooks, cvy_model *model, const cvy_dataset *data,
                           double learning_rate, bool is_resuming, cvy_results *results);

/** Call the callbacks. epoch: the result of the epoch, or of its part up to step `batch`,
 *  from 0. */
cvy_status cvy_hooks_batch_end(cvy_hooks *hooks, const cvy_epoch *epoch, size_t batch);
cvy_status cvy_hooks_epoch_end(cvy_hooks *hooks, const cvy_epoch *epoch);
cvy_status cvy_hooks_end(cvy_hooks *hooks);

/** Pass new events to on_event. */
void cvy_hooks_tell(cvy_hooks *hooks);

#endif
