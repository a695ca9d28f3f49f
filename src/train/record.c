#include "train/record.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "convoy/convoy.h"
#include "model/objective.h"

static json_t *describe_end(const cvy_epoch *last)
{
    json_t *end = json_object();

    cvy_json_set(&end, "loss", cvy_json_number(last->loss));
    cvy_json_set(&end, "accuracy", cvy_json_number(last->accuracy));
    if (last->has_validation) {
        cvy_json_set(&end, "val_loss", cvy_json_number(last->val_loss));
        cvy_json_set(&end, "val_accuracy", cvy_json_number(last->val_accuracy));
    }
    return end;
}

static json_t *describe_specs(const char *const *texts, size_t count)
{
    json_t *specs = json_array();

    for (size_t i = 0; i < count; i++)
        cvy_json_append(&specs, cvy_json_text(texts[i]));
    return specs;
}

static json_t *describe_events(const cvy_history *history)
{
    json_t *events = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const cvy_event *event = history->events[i];
        cvy_json_append(&events,
                        json_pack("{s:I, s:s, s:s, s:I, s:o}", "epoch", (json_int_t)event->epoch,
                                  "callback", event->callback, "event", event->event, "best_epoch",
                                  (json_int_t)event->best_epoch, "value",
                                  cvy_json_number(event->value)));
    }
    return events;
}

/* Add the members that only some runs have. */
static void add_extras(json_t **record, const cvy_train_settings *settings,
                       const cvy_history *history)
{
    if (history->epoch_count > 0)
        cvy_json_set(record, "end", describe_end(history->epochs[history->epoch_count - 1]));
    if (settings->wire == CVY_WIRE_BF16)
        cvy_json_set(record, "wire", json_string("bf16"));
    if (settings->fast_reduce && cvy_comm_size(settings->comm) > 1) {
        cvy_json_set(record, "fast_reduce", json_true());
        cvy_json_set(record, "ranks", json_integer((json_int_t)cvy_comm_size(settings->comm)));
    }
    if (settings->class_weight != NULL)
        cvy_json_set(record, "class_weight", cvy_json_text(settings->class_weight));
    if (settings->augmentation_count > 0)
        cvy_json_set(record, "augmentations",
                     describe_specs(settings->augmentations, settings->augmentation_count));
    if (settings->callback_count == 0)
        return;
    cvy_json_set(record, "callbacks",
                 describe_specs(settings->callbacks, settings->callback_count));
    cvy_json_set(record, "events", describe_events(history));
}

static cvy_status keep_configuration(cvy_model *model, const char *text)
{
    char *copy = NULL;
    cvy_status status = text != NULL ? cvy_text_copy(text, &copy) : CVY_OK;

    if (status == CVY_OK) {
        cvy_memory_free(model->configuration);
        model->configuration = copy;
    }
    return status;
}

cvy_status cvy_record_training(cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings, const cvy_history *history)
{
    char *text, *copy;
    json_t *record = json_pack(
        "{s:s, s:{s:o, s:I, s:I}, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:b}",
        "version", CVY_VERSION_STRING, "data", "name", cvy_json_text(data->name), "train",
        (json_int_t)history->train_count, "validation", (json_int_t)history->validation_count,
        "optimizer", cvy_json_text(history->optimizer), "learning_rate",
        cvy_json_text(history->learning_rate), "loss", cvy_json_text(model->loss_spec), "epochs",
        (json_int_t)history->epoch_count, "steps", (json_int_t)history->steps, "batch_size",
        (json_int_t)history->batch_size, "seed", (json_int_t)settings->seed, "precision", "fp32",
        "gemm", history->gemm, "isa", history->isa, "kernels", history->gemm, "instructions",
        history->isa, /* names used before 0.2 */
        "stopped", history->is_stopped);

    add_extras(&record, settings, history);
    cvy_status status =
        cvy_json_print(record, JSON_COMPACT | JSON_REAL_PRECISION(9), "training record", &text);
    if (status != CVY_OK)
        return status;
    status = cvy_text_copy(text, &copy);
    free(text);
    if (status == CVY_OK) {
        cvy_memory_free(model->training);
        model->training = copy;
    }
    return status == CVY_OK ? keep_configuration(model, settings->configuration) : status;
}
