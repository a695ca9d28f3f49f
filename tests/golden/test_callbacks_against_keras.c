/* convoy's callbacks against Keras's (callbacks.json): the same made-up values, and the same calls in
 * the same order, without any training. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"
#include "callbacks/callback.h"
#include "support/golden.h"
#include "support/models.h"

enum { SAVED_MAX = 64, SPEC_BYTES = 512 };

/* A training that only callbacks see: one weight, which holds the number of the epoch. */
typedef struct {
    cvy_callbacks callbacks;
    cvy_callback_run run;
    cvy_logs known;
    float weight;
    char *saved[SAVED_MAX];
    size_t saved_count, event_count;
    cvy_event last_event;
} stage;

static cvy_status take_down(void *context, const char *path)
{
    stage *s = context;

    cr_assert_lt(s->saved_count, SAVED_MAX);
    s->saved[s->saved_count++] = strdup(path);
    return CVY_OK;
}

static cvy_status hear(void *context, const cvy_event *event)
{
    stage *s = context;

    s->event_count++;
    s->last_event = *event;
    return CVY_OK;
}

static void begin(stage *s, const char *spec, double rate)
{
    cr_assert_eq(cvy_callbacks_read(&spec, 1, &s->callbacks), CVY_OK, "%s", cvy_error_message());
    s->run = (cvy_callback_run){ .weights = &s->weight,
                                 .weight_count = 1,
                                 .learning_rate = rate,
                                 .known = &s->known,
                                 .save = take_down,
                                 .tell = hear,
                                 .context = s };
    cr_assert_eq(cvy_callbacks_train_begin(&s->callbacks, &s->run), CVY_OK, "%s: %s", spec,
                 cvy_error_message());
}

static void end(stage *s)
{
    cr_assert_eq(cvy_callbacks_train_end(&s->callbacks, &s->run), CVY_OK);
    cvy_callbacks_release(&s->callbacks);
    for (size_t i = 0; i < s->saved_count; i++)
        free(s->saved[i]);
}

/* "nan" stands for itself. */
static double value_of(const json_t *value)
{
    return json_is_string(value) ? strtod(json_string_value(value), NULL)
                                 : json_number_value(value);
}

static cvy_logs logs_of(const json_t *object)
{
    cvy_logs logs = { 0 };
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)object, name, value) cvy_logs_set(&logs, name, value_of(value));
    return logs;
}

static void run_epoch(stage *s, size_t epoch, cvy_logs logs)
{
    s->run.epoch = epoch;
    s->weight = (float)(epoch + 1);
    cr_assert_eq(cvy_callbacks_epoch_end(&s->callbacks, &s->run, &logs), CVY_OK, "%s",
                 cvy_error_message());
}

/* --- early_stopping and reduce_lr_on_plateau --- */

static void expect_monitored(const json_t *item)
{
    const char *spec = golden_text(item, "spec"), *monitor = golden_text(item, "monitor");
    const json_t *values = golden_member(item, "values");
    const size_t epochs = (size_t)golden_number(item, "epochs_run");
    size_t count, epoch = 0;
    double *rates = golden_numbers(item, "rates", &count);
    stage s = { 0 };

    cr_assert_eq(count, epochs);
    begin(&s, spec, golden_number(item, "rate"));
    for (; epoch < json_array_size(values) && !s.run.is_stopping; epoch++) {
        cvy_logs logs = { 0 };
        const json_t *value = json_array_get(values, epoch);
        if (!json_is_null(value))
            cvy_logs_set(&logs, monitor, value_of(value));
        run_epoch(&s, epoch, logs);
        cr_assert_lt(epoch, epochs, "%s: is still running in epoch %zu", spec, epoch);
        cr_expect_eq((float)s.run.learning_rate, (float)rates[epoch],
                     "%s: epoch %zu: rate %.9g, expected %.9g", spec, epoch, s.run.learning_rate,
                     rates[epoch]);
    }
    cr_expect_eq(epoch, epochs, "%s: ran %zu epochs, expected %zu", spec, epoch, epochs);
    cr_expect_eq(s.run.is_stopping, json_is_true(golden_member(item, "stopped")), "%s", spec);
    end(&s);
    cr_expect_eq((double)s.weight, golden_number(item, "final_weight"),
                 "%s: weights of epoch %g, expected %g", spec, (double)s.weight,
                 golden_number(item, "final_weight"));
    free(rates);
}

static void expect_all(const char *kind, void (*expect)(const json_t *item), size_t at_least)
{
    json_t *golden = golden_open("callbacks.json");
    const json_t *cases = golden_member(golden, kind);

    cr_expect_geq(json_array_size(cases), at_least);
    for (size_t i = 0; i < json_array_size(cases); i++)
        expect(json_array_get(cases, i));
    json_decref(golden);
}

Test(callbacks_against_keras, early_stopping)
{
    expect_all("early_stopping", expect_monitored, 50);
}

Test(callbacks_against_keras, reduce_lr_on_plateau)
{
    expect_all("reduce_lr_on_plateau", expect_monitored, 40);
}

/* --- model_checkpoint --- */

static cvy_logs every_name(const json_t *epochs, const json_t *batches)
{
    cvy_logs names = { 0 };
    const json_t *epoch, *logs;
    const char *name;
    json_t *value;
    size_t i, j;

    json_array_foreach(epochs, i, epoch) json_object_foreach((json_t *)epoch, name, value)
        cvy_logs_set(&names, name, 0);
    json_array_foreach(batches, i, epoch) json_array_foreach(epoch, j, logs)
        json_object_foreach((json_t *)logs, name, value) cvy_logs_set(&names, name, 0);
    return names;
}

/* Calls at every batch, or only where one is due and at the end: that must not matter. */
static void run_batches(stage *s, const json_t *batches, bool only_when_due)
{
    size_t until_due = cvy_callbacks_until_due(&s->callbacks);

    for (size_t b = 0; b < json_array_size(batches); b++) {
        const cvy_logs logs = logs_of(json_array_get(batches, b));
        if (only_when_due && --until_due > 0 && b + 1 < json_array_size(batches))
            continue;
        cr_assert_eq(cvy_callbacks_batch_end(&s->callbacks, &s->run, b, &logs), CVY_OK);
        until_due = cvy_callbacks_until_due(&s->callbacks);
    }
}

static void expect_saved(const json_t *item, bool only_when_due)
{
    const char *spec = golden_text(item, "spec");
    const json_t *epochs = golden_member(item, "epochs"), *batches = golden_member(item, "batches");
    const json_t *saved = golden_member(item, "saved");
    size_t count;
    double *saved_by_epoch = golden_numbers(item, "saved_by_epoch", &count);
    stage s = { .known = every_name(epochs, batches) };

    begin(&s, spec, 0.1);
    for (size_t epoch = 0; epoch < json_array_size(epochs); epoch++) {
        s.run.epoch = epoch;
        run_batches(&s, json_array_get(batches, epoch), only_when_due);
        run_epoch(&s, epoch, logs_of(json_array_get(epochs, epoch)));
        cr_expect_eq((double)s.saved_count, saved_by_epoch[epoch], "%s: epoch %zu", spec, epoch);
    }
    cr_assert_eq(s.saved_count, json_array_size(saved), "%s", spec);
    for (size_t i = 0; i < s.saved_count; i++)
        cr_expect_str_eq(s.saved[i], json_string_value(json_array_get(saved, i)), "%s", spec);
    end(&s);
    free(saved_by_epoch);
}

static void expect_saved_either_way(const json_t *item)
{
    expect_saved(item, false);
    expect_saved(item, true);
}

Test(callbacks_against_keras, model_checkpoint, .init = scratch_open, .fini = scratch_close)
{
    cr_assert_eq(chdir(scratch_path(".")), 0); /* it makes folders */
    expect_all("model_checkpoint", expect_saved_either_way, 18);
    cr_expect_eq(rmdir("a"), 0);
}

/* --- csv_logger --- */

static void expect_csv(const json_t *item)
{
    const char *text = golden_text(item, "spec"), *name = strchr(text, '@');
    const json_t *before = golden_member(item, "before"), *epochs = golden_member(item, "epochs");
    const char *path = scratch_path("log.csv");
    char spec[SPEC_BYTES];
    unsigned char *found;
    size_t size;
    stage s = { 0 };

    unlink(path);
    if (json_is_string(before))
        cr_assert_eq(cvy_file_write(path, json_string_value(before), json_string_length(before)),
                     CVY_OK);
    snprintf(spec, sizeof spec, "%.*s%s%s", (int)(name - text), text, path, name + 1);
    begin(&s, spec, 0.1);
    for (size_t epoch = 0; epoch < json_array_size(epochs); epoch++)
        run_epoch(&s, epoch, logs_of(json_array_get(epochs, epoch)));
    end(&s);
    cr_assert_eq(cvy_file_read(path, 1 << 20, &found, &size), CVY_OK);
    cr_expect_str_eq((const char *)found, golden_text(item, "text"), "%s: found %s, expected %s",
                     text, (const char *)found, golden_text(item, "text"));
    cvy_memory_free(found);
}

Test(callbacks_against_keras, csv_logger, .init = scratch_open, .fini = scratch_close)
{
    expect_all("csv_logger", expect_csv, 15);
}

/* --- terminate_on_nan --- */

static void expect_termination(const json_t *item)
{
    const json_t *losses = golden_member(item, "losses"), *wanted;
    stage s = { 0 };
    size_t batch = 0;

    begin(&s, golden_text(item, "spec"), 0.1);
    for (; batch < json_array_size(losses) && !s.run.is_stopping; batch++) {
        cvy_logs logs = { 0 };
        cvy_logs_set(&logs, "loss", value_of(json_array_get(losses, batch)));
        cr_assert_eq(cvy_callbacks_batch_end(&s.callbacks, &s.run, batch, &logs), CVY_OK);
    }
    wanted = golden_member(item, "stopped_at");
    cr_expect_eq(s.run.is_stopping, !json_is_null(wanted));
    if (s.run.is_stopping)
        cr_expect_eq(batch - 1, (size_t)json_integer_value(wanted));
    end(&s);
}

Test(callbacks_against_keras, terminate_on_nan)
{
    expect_all("terminate_on_nan", expect_termination, 6);
}
