#include "train/record.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "convoy/convoy.h"
#include "model/objective.h"

static json_t *describe_end(const cvy_epoch *last)
{
    json_t *end = json_pack("{s:o, s:o}", "loss", cvy_json_number(last->loss), "accuracy",
                            cvy_json_number(last->accuracy));
    if (last->has_validation) {
        json_object_set_new(end, "val_loss", cvy_json_number(last->val_loss));
        json_object_set_new(end, "val_accuracy", cvy_json_number(last->val_accuracy));
    }
    return end;
}

static json_t *describe_callbacks(const cvy_train_settings *settings)
{
    json_t *specs = json_array();

    for (size_t i = 0; i < settings->callback_count; i++)
        json_array_append_new(specs, json_string(settings->callbacks[i]));
    return specs;
}

static json_t *describe_events(const cvy_history *history)
{
    json_t *events = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const cvy_event *event = &history->events[i];
        json_array_append_new(events, json_pack("{s:I, s:s, s:s, s:I, s:o}", "epoch",
                                                (json_int_t)event->epoch, "callback",
                                                event->callback, "event", event->event,
                                                "best_epoch", (json_int_t)event->best_epoch,
                                                "value", cvy_json_number(event->value)));
    }
    return events;
}

/* What a plain run does not have. */
static void add_extras(json_t *record, const cvy_train_settings *settings,
                       const cvy_history *history)
{
    if (settings->class_weight != NULL)
        json_object_set_new(record, "class_weight", json_string(settings->class_weight));
    if (settings->callback_count == 0)
        return;
    json_object_set_new(record, "callbacks", describe_callbacks(settings));
    json_object_set_new(record, "events", describe_events(history));
}

cvy_status cvy_record_training(cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings, const cvy_history *history)
{
    char loss[256];

    cvy_model_print_loss(model, loss, sizeof loss);
    json_t *record = json_pack(
        "{s:s, s:{s:s, s:I, s:I}, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:b}",
        "version", CVY_VERSION_STRING, "data", "name", data->name, "train",
        (json_int_t)history->train_count, "validation", (json_int_t)history->validation_count,
        "optimizer", history->optimizer, "learning_rate", history->learning_rate, "loss", loss,
        "epochs", (json_int_t)history->epoch_count, "steps", (json_int_t)history->steps,
        "batch_size", (json_int_t)history->batch_size, "seed", (json_int_t)settings->seed,
        "precision", "fp32", "kernels", history->kernels, "instructions", history->instructions,
        "stopped", history->is_stopped);

    if (record != NULL && history->epoch_count > 0)
        json_object_set_new(record, "end",
                            describe_end(&history->epochs[history->epoch_count - 1]));
    if (record != NULL)
        add_extras(record, settings, history);
    char *text = record != NULL ? json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(record);
    if (text == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "training record: out of memory");
    cvy_memory_free(model->training);
    cvy_status status = cvy_text_copy(text, &model->training);
    free(text);
    return status;
}
