#include "train/position.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "callbacks/callback_state.h"

/* --- writing --- */

static json_t *json_running(const cvy_running *running)
{
    return json_pack("{s:I, s:I, s:I, s:o}", "steps", (json_int_t)running->steps, "samples",
                     (json_int_t)running->samples, "correct", (json_int_t)running->correct, "loss",
                     cvy_state_number(running->loss));
}

static json_t *json_metrics(const cvy_epoch *epoch)
{
    json_t *metrics = json_array();

    for (size_t i = 0; i < epoch->metric_count; i++) {
        const cvy_metric_value *m = &epoch->metrics[i];
        cvy_json_append(&metrics, json_pack("{s:s, s:o, s:o}", "name", m->name, "value",
                                            cvy_state_number(m->value), "val_value",
                                            cvy_state_number(m->val_value)));
    }
    return metrics;
}

static json_t *json_epoch(const cvy_epoch *epoch)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "steps",
                     (json_int_t)epoch->steps, "learning_rate",
                     cvy_state_number(epoch->learning_rate), "loss", cvy_state_number(epoch->loss),
                     "accuracy", cvy_state_number(epoch->accuracy), "has_validation",
                     epoch->has_validation, "val_loss", cvy_state_number(epoch->val_loss),
                     "val_accuracy", cvy_state_number(epoch->val_accuracy), "seconds",
                     cvy_state_number(epoch->seconds), "images_per_second",
                     cvy_state_number(epoch->images_per_second), "metrics", json_metrics(epoch));
}

static json_t *json_epochs(const cvy_training *t)
{
    json_t *epochs = json_array();

    for (size_t i = 0; i < t->finished; i++)
        cvy_json_append(&epochs, json_epoch(&t->results->epochs[i]));
    return epochs;
}

static json_t *json_events(const cvy_history *history)
{
    json_t *events = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const cvy_event *e = history->events[i];
        cvy_json_append(&events,
                        json_pack("{s:I, s:s, s:s, s:I, s:o, s:o}", "epoch", (json_int_t)e->epoch,
                                  "callback", e->callback, "event", e->event, "best_epoch",
                                  (json_int_t)e->best_epoch, "value", cvy_state_number(e->value),
                                  "text", cvy_json_text(e->text)));
    }
    return events;
}

json_t *cvy_position_json(const cvy_training *t)
{
    const cvy_stepper *stepper = &t->stepper;
    const size_t sums = stepper->metric_sums != NULL ? t->metrics.sum_count : 0;

    return json_pack(
        "{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "step",
        (json_int_t)stepper->steps_done, "epoch", (json_int_t)t->finished, "skipped_steps",
        (json_int_t)stepper->guard.skipped, "running", json_running(&t->running), "evaluated",
        json_running(&t->evaluated), "metric_sums",
        cvy_json_numbers(stepper->metric_sums, sums, cvy_state_number), "optimizer_state",
        cvy_json_numbers(stepper->updater.update.state, CVY_STATE_MAX, cvy_state_number),
        "learning_rate", cvy_state_number(t->hooks.run.learning_rate), "is_stopping",
        t->hooks.run.is_stopping, "epoch_seconds", cvy_state_number(t->epoch_seconds),
        "train_seconds", cvy_state_number(t->history->train_seconds), "best",
        cvy_state_best(&t->saver.best), "callbacks", cvy_callbacks_save(&t->hooks.callbacks),
        "epochs", json_epochs(t), "events", json_events(t->history));
}

/* --- reading --- */

static cvy_status fail(const char *what)
{
    return cvy_fail(CVY_ERR_FORMAT, "position: %s", what);
}

cvy_status cvy_position_read_steps(const json_t *position, size_t *steps)
{
    return cvy_state_read_count(position, "step", steps);
}

static cvy_status read_running(const json_t *position, const char *name, cvy_running *running)
{
    const json_t *member = json_object_get(position, name);
    cvy_status status = cvy_state_read_count(member, "steps", &running->steps);

    if (status == CVY_OK)
        status = cvy_state_read_count(member, "samples", &running->samples);
    if (status == CVY_OK)
        status = cvy_state_read_count(member, "correct", &running->correct);
    return status == CVY_OK ? cvy_state_read_number(member, "loss", &running->loss) : status;
}

static cvy_status read_numbers(const json_t *position, const char *name, double *values,
                               size_t count)
{
    const json_t *list = json_object_get(position, name);
    cvy_status status = CVY_OK;

    if (json_array_size(list) != count)
        return cvy_fail(CVY_ERR_FORMAT, "position: %s: found %zu numbers, expected %zu", name,
                        json_array_size(list), count);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        json_t *one = json_pack("{s:O}", "number", json_array_get(list, i));
        status = cvy_state_read_number(one, "number", &values[i]);
        json_decref(one);
    }
    return status;
}

static cvy_status read_metrics(const json_t *saved, cvy_epoch *epoch)
{
    const json_t *metrics = json_object_get(saved, "metrics");
    cvy_status status = CVY_OK;

    epoch->metric_count = json_array_size(metrics);
    if (epoch->metric_count > CVY_METRICS_MAX)
        return fail("more metrics than an epoch can have");
    for (size_t i = 0; status == CVY_OK && i < epoch->metric_count; i++) {
        const json_t *one = json_array_get(metrics, i);
        const char *name = json_string_value(json_object_get(one, "name"));
        cvy_metric_value *m = &epoch->metrics[i];
        if (name == NULL || strlen(name) >= sizeof m->name)
            return fail("a metric has no name");
        snprintf(m->name, sizeof m->name, "%s", name);
        status = cvy_state_read_number(one, "value", &m->value);
        if (status == CVY_OK)
            status = cvy_state_read_number(one, "val_value", &m->val_value);
    }
    return status;
}

static cvy_status read_epoch(const json_t *saved, cvy_epoch *epoch)
{
    const struct {
        const char *name;
        double *value;
    } numbers[] = {
        { "learning_rate", &epoch->learning_rate },
        { "loss", &epoch->loss },
        { "accuracy", &epoch->accuracy },
        { "val_loss", &epoch->val_loss },
        { "val_accuracy", &epoch->val_accuracy },
        { "seconds", &epoch->seconds },
        { "images_per_second", &epoch->images_per_second },
    };
    cvy_status status = cvy_state_read_count(saved, "steps", &epoch->steps);

    if (status == CVY_OK)
        status = cvy_state_read_bool(saved, "has_validation", &epoch->has_validation);
    for (size_t i = 0; status == CVY_OK && i < sizeof numbers / sizeof *numbers; i++)
        status = cvy_state_read_number(saved, numbers[i].name, numbers[i].value);
    return status == CVY_OK ? read_metrics(saved, epoch) : status;
}

static cvy_status read_epochs(cvy_training *t, const json_t *position)
{
    const json_t *list = json_object_get(position, "epochs");
    cvy_status status = CVY_OK;

    if (json_array_size(list) != t->finished || t->finished > t->results->epoch_room)
        return cvy_fail(CVY_ERR_FORMAT, "position: the results of %zu epochs, expected %zu, of %zu",
                        json_array_size(list), t->finished, t->results->epoch_room);
    for (size_t i = 0; status == CVY_OK && i < t->finished; i++) {
        cvy_epoch *epoch = &t->results->epochs[i];
        epoch->epoch = i + 1;
        t->results->epoch_list[i] = epoch;
        status = read_epoch(json_array_get(list, i), epoch);
    }
    t->history->epoch_count = t->finished;
    return status;
}

/* Return the static string equal to `word`. */
static const char *find_event(const char *word)
{
    static const char *const words[] = { "stopped",    "restored", "reduced", "saved",
                                         "terminated", "missing",  "failed" };

    for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return words[i];
    return NULL;
}

static cvy_status read_event(const json_t *saved, cvy_event *event)
{
    const char *callback = json_string_value(json_object_get(saved, "callback"));
    const char *text = json_string_value(json_object_get(saved, "text"));
    const cvy_kind *kind = callback != NULL ? cvy_kind_find(cvy_callback_kinds, callback) : NULL;

    *event = (cvy_event){ .callback = kind != NULL ? kind->name : NULL,
                          .event = find_event(json_string_value(json_object_get(saved, "event"))) };
    if (kind == NULL || event->event == NULL || text == NULL)
        return fail("an event is not one that a callback reports");
    snprintf(event->text, sizeof event->text, "%s", text);
    cvy_status status = cvy_state_read_count(saved, "epoch", &event->epoch);
    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "best_epoch", &event->best_epoch);
    return status == CVY_OK ? cvy_state_read_number(saved, "value", &event->value) : status;
}

/* Restore the events, which were reported when they happened. */
static cvy_status read_events(cvy_training *t, const json_t *position)
{
    const json_t *list = json_object_get(position, "events");
    cvy_status status = CVY_OK;

    if (!json_is_array(list))
        return fail("the events are missing");
    for (size_t i = 0; status == CVY_OK && i < json_array_size(list); i++) {
        cvy_event event;
        status = read_event(json_array_get(list, i), &event);
        if (status == CVY_OK)
            status = cvy_results_add_event(t->results, &event);
    }
    t->hooks.told_count = t->history->event_count;
    return status;
}

static bool fits(const cvy_running *running, const cvy_training *t)
{
    return running->steps <= cvy_steps_per_epoch(&t->task) &&
           running->samples <= t->task.images.count && running->correct <= running->samples &&
           (running->samples > 0) == (running->steps > 0);
}

static cvy_status read_place(cvy_training *t, const json_t *position)
{
    cvy_running running, evaluated;
    cvy_status status = cvy_state_read_count(position, "epoch", &t->finished);

    if (status == CVY_OK)
        status = cvy_state_read_count(position, "step", &t->stepper.steps_done);
    if (status == CVY_OK)
        status = cvy_state_read_count(position, "skipped_steps", &t->stepper.guard.skipped);
    if (status == CVY_OK && t->stepper.guard.skipped > t->stepper.steps_done)
        status = fail("more updates were skipped than made");
    if (status == CVY_OK)
        status = read_running(position, "running", &running);
    if (status == CVY_OK)
        status = read_running(position, "evaluated", &evaluated);
    if (status == CVY_OK)
        status = cvy_state_read_number(position, "epoch_seconds", &t->epoch_seconds);
    if (status == CVY_OK)
        status = cvy_state_read_number(position, "train_seconds", &t->history->train_seconds);
    if (status != CVY_OK)
        return status;
    t->history->steps = t->history->resumed_steps = t->stepper.steps_done;
    if (!t->is_changed &&
        (!fits(&running, t) || !fits(&evaluated, t) || running.steps > t->stepper.steps_done))
        return fail("the running epoch has more steps than an epoch");
    t->running = t->is_changed ? (cvy_running){ 0 } : running;
    t->evaluated = t->is_changed ? (cvy_running){ 0 } : evaluated;
    t->epoch_seconds = t->is_changed ? 0 : t->epoch_seconds;
    if (t->finished > 0) /* the epoch that callbacks report if the run only has to end */
        t->hooks.run.epoch = t->finished - 1;
    return CVY_OK;
}

static cvy_status read_sums(cvy_training *t, const json_t *position)
{
    const size_t sums = t->stepper.metric_sums != NULL ? t->metrics.sum_count : 0;

    if (t->running.steps == 0)
        return CVY_OK;
    return read_numbers(position, "metric_sums", t->stepper.metric_sums, sums);
}

/* Restore the callbacks' state. If the callbacks have changed, each starts afresh. */
static cvy_status read_callbacks(cvy_training *t, const json_t *position)
{
    cvy_callback_run *run = &t->hooks.run;
    cvy_status status = CVY_OK;

    if (!t->has_other_callbacks)
        status = cvy_callbacks_restore(&t->hooks.callbacks, json_object_get(position, "callbacks"));
    if (status == CVY_OK && !t->has_other_rule)
        status = cvy_state_read_number(position, "learning_rate", &run->learning_rate);
    if (status == CVY_OK)
        status = cvy_state_read_bool(position, "is_stopping", &run->is_stopping);
    if (status == CVY_OK && !(run->learning_rate >= 0 && isfinite(run->learning_rate)))
        status = fail("the learning rate is not one");
    if (status == CVY_OK && cvy_schedule_is_constant(&t->schedule))
        cvy_schedule_set_constant(&t->schedule, run->learning_rate);
    if (t->settings.resume_anyway) /* a callback ended the run */
        run->is_stopping = false;
    return status;
}

cvy_status cvy_position_restore(cvy_training *t, const json_t *position)
{
    cvy_status status = read_place(t, position);

    if (status == CVY_OK)
        status = read_sums(t, position);
    if (status == CVY_OK && !t->has_other_rule)
        status = read_numbers(position, "optimizer_state", t->stepper.updater.update.state,
                              CVY_STATE_MAX);
    if (status == CVY_OK)
        status = read_epochs(t, position);
    if (status == CVY_OK)
        status = read_events(t, position);
    if (status == CVY_OK)
        status = cvy_state_read_best(position, "best", &t->saver.best);
    return status == CVY_OK ? read_callbacks(t, position) : status;
}
