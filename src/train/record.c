#include "train/record.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "convoy/convoy.h"
#include "model/objective.h"

static json_t *describe_end(const cvy_epoch *last)
{
    json_t *end = json_object();
    bool is_whole = cvy_json_put(end, "loss", cvy_json_number(last->loss)) &&
                    cvy_json_put(end, "accuracy", cvy_json_number(last->accuracy));

    if (last->has_validation)
        is_whole = is_whole && cvy_json_put(end, "val_loss", cvy_json_number(last->val_loss)) &&
                   cvy_json_put(end, "val_accuracy", cvy_json_number(last->val_accuracy));
    return cvy_json_finish(end, is_whole);
}

static json_t *describe_callbacks(const cvy_train_settings *settings)
{
    json_t *specs = json_array();
    bool is_whole = specs != NULL;

    for (size_t i = 0; is_whole && i < settings->callback_count; i++)
        is_whole = cvy_json_append(specs, cvy_json_text(settings->callbacks[i]));
    return cvy_json_finish(specs, is_whole);
}

static json_t *describe_events(const cvy_history *history)
{
    json_t *events = json_array();
    bool is_whole = events != NULL;

    for (size_t i = 0; is_whole && i < history->event_count; i++) {
        const cvy_event *event = &history->events[i];
        is_whole = cvy_json_append(events, json_pack("{s:I, s:s, s:s, s:I, s:o}", "epoch",
                                                     (json_int_t)event->epoch, "callback",
                                                     event->callback, "event", event->event,
                                                     "best_epoch", (json_int_t)event->best_epoch,
                                                     "value", cvy_json_number(event->value)));
    }
    return cvy_json_finish(events, is_whole);
}

/* What only some runs have. */
static bool add_extras(json_t *record, const cvy_train_settings *settings,
                       const cvy_history *history)
{
    if (history->epoch_count > 0 &&
        !cvy_json_put(record, "end", describe_end(&history->epochs[history->epoch_count - 1])))
        return false;
    if (settings->class_weight != NULL &&
        !cvy_json_put(record, "class_weight", cvy_json_text(settings->class_weight)))
        return false;
    return settings->callback_count == 0 ||
           (cvy_json_put(record, "callbacks", describe_callbacks(settings)) &&
            cvy_json_put(record, "events", describe_events(history)));
}

cvy_status cvy_record_training(cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings, const cvy_history *history)
{
    char loss[256], *text, *copy;

    cvy_model_print_loss(model, loss, sizeof loss);
    json_t *record = json_pack(
        "{s:s, s:{s:o, s:I, s:I}, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:b}",
        "version", CVY_VERSION_STRING, "data", "name", cvy_json_text(data->name), "train",
        (json_int_t)history->train_count, "validation", (json_int_t)history->validation_count,
        "optimizer", cvy_json_text(history->optimizer), "learning_rate",
        cvy_json_text(history->learning_rate), "loss", loss, "epochs",
        (json_int_t)history->epoch_count, "steps", (json_int_t)history->steps, "batch_size",
        (json_int_t)history->batch_size, "seed", (json_int_t)settings->seed, "precision", "fp32",
        "kernels", history->kernels, "instructions", history->instructions, "stopped",
        history->is_stopped);
    const bool is_whole = record != NULL && add_extras(record, settings, history);
    cvy_status status =
        cvy_json_print(cvy_json_finish(record, is_whole), JSON_COMPACT | JSON_REAL_PRECISION(9),
                       "training record", &text);
    if (status == CVY_OK) {
        status = cvy_text_copy(text, &copy);
        free(text);
    }
    if (status == CVY_OK) {
        cvy_memory_free(model->training);
        model->training = copy;
    }
    return status;
}
