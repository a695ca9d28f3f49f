#include "train/hooks.h"

#include <stdio.h>

#include "train/record.h"

static cvy_status note_event(void *context, const cvy_event *event)
{
    const cvy_hooks *hooks = context;
    return cvy_results_add_event(hooks->results, event);
}

static cvy_status save_model(void *context, const char *path)
{
    const cvy_hooks *hooks = context;
    cvy_status status =
        cvy_record_training(hooks->model, hooks->data, hooks->settings, &hooks->results->history);
    return status == CVY_OK ? cvy_model_save(hooks->model, path) : status;
}

/* A model with a single output has no accuracy: it is NaN and not logged. */
static void log_training(const cvy_hooks *hooks, const cvy_epoch *epoch, cvy_logs *logs)
{
    if (hooks->has_accuracy)
        cvy_logs_set(logs, "accuracy", epoch->accuracy);
    for (size_t i = 0; i < hooks->metrics->count; i++)
        cvy_logs_set(logs, hooks->metrics->items[i].name, epoch->metrics[i].value);
    cvy_logs_set(logs, "loss", epoch->loss);
}

static void log_validation(const cvy_hooks *hooks, const cvy_epoch *epoch, cvy_logs *logs)
{
    if (hooks->has_accuracy)
        cvy_logs_set(logs, "val_accuracy", epoch->val_accuracy);
    for (size_t i = 0; i < hooks->metrics->count; i++)
        cvy_logs_set(logs, hooks->val_names[i], epoch->metrics[i].val_value);
    cvy_logs_set(logs, "val_loss", epoch->val_loss);
}

static void name_logs(cvy_hooks *hooks, bool has_validation)
{
    const cvy_epoch nothing = { 0 };

    for (size_t i = 0; i < hooks->metrics->count; i++)
        snprintf(hooks->val_names[i], sizeof hooks->val_names[i], "val_%s",
                 hooks->metrics->items[i].name);
    log_training(hooks, &nothing, &hooks->known);
    if (has_validation)
        log_validation(hooks, &nothing, &hooks->known);
    cvy_logs_set(&hooks->known, "learning_rate", 0);
}

cvy_status cvy_hooks_create(const cvy_train_settings *settings, const cvy_metrics *metrics,
                            bool has_accuracy, bool has_validation, bool has_schedule,
                            cvy_hooks *hooks)
{
    *hooks = (cvy_hooks){ .settings = settings, .metrics = metrics, .has_accuracy = has_accuracy };
    name_logs(hooks, has_validation);
    hooks->run = (cvy_callback_run){
        .has_schedule = has_schedule,
        .known = &hooks->known,
        .save = save_model,
        .tell = note_event,
        .context = hooks,
    };
    cvy_status status =
        cvy_callbacks_read(settings->callbacks, settings->callback_count, &hooks->callbacks);
    return status == CVY_OK ? cvy_callbacks_check(&hooks->callbacks, &hooks->run) : status;
}

void cvy_hooks_release(cvy_hooks *hooks)
{
    cvy_callbacks_release(&hooks->callbacks);
}

cvy_status cvy_hooks_begin(cvy_hooks *hooks, cvy_model *model, const cvy_dataset *data,
                           double learning_rate, bool is_resuming, cvy_results *results)
{
    hooks->model = model;
    hooks->data = data;
    hooks->results = results;
    hooks->run.weights = model->weights;
    hooks->run.weight_count = model->block_floats;
    hooks->run.learning_rate = learning_rate;
    hooks->run.is_resuming = is_resuming;
    hooks->run.has_no_files = cvy_comm_rank(hooks->settings->comm) > 0;
    return cvy_callbacks_train_begin(&hooks->callbacks, &hooks->run);
}

cvy_status cvy_hooks_batch_end(cvy_hooks *hooks, const cvy_epoch *epoch, size_t batch)
{
    cvy_logs logs = { 0 };

    hooks->run.epoch = epoch->epoch - 1;
    log_training(hooks, epoch, &logs);
    return cvy_callbacks_batch_end(&hooks->callbacks, &hooks->run, batch, &logs);
}

cvy_status cvy_hooks_epoch_end(cvy_hooks *hooks, const cvy_epoch *epoch)
{
    cvy_logs logs = { 0 };

    hooks->run.epoch = epoch->epoch - 1;
    log_training(hooks, epoch, &logs);
    if (epoch->has_validation)
        log_validation(hooks, epoch, &logs);
    return cvy_callbacks_epoch_end(&hooks->callbacks, &hooks->run, &logs);
}

cvy_status cvy_hooks_end(cvy_hooks *hooks)
{
    return cvy_callbacks_train_end(&hooks->callbacks, &hooks->run);
}

void cvy_hooks_tell(cvy_hooks *hooks)
{
    const cvy_history *history = &hooks->results->history;

    for (; hooks->told_count < history->event_count; hooks->told_count++)
        if (hooks->settings->on_event != NULL)
            hooks->settings->on_event(hooks->settings->context, history->events[hooks->told_count]);
}
