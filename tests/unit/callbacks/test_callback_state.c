/* A run that is interrupted after any epoch, and resumed from the saved states of its callbacks, goes on
 * as if nothing had happened. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callbacks/callback.h"
#include "support/models.h"

enum { EPOCHS = 9, CALLBACKS = 5, BATCHES = 5, EVENTS_MAX = 32, TEXT_BYTES = 4096 };

static const double losses[EPOCHS] = { 3, 2, 2.5, 2.25, INFINITY, 1.5, 1.75, 1.625, 2 };

static float weights[4];
static char events[EVENTS_MAX][512];
static size_t event_count, save_count;

static cvy_status note(void *context, const cvy_event *event)
{
    (void)context;
    cr_assert_lt(event_count, (size_t)EVENTS_MAX);
    snprintf(events[event_count++], sizeof events[0], "%zu %s %s %zu %.17g %s", event->epoch,
             event->callback, event->event, event->best_epoch, event->value, event->text);
    return CVY_OK;
}

static cvy_status save(void *context, const char *path)
{
    (void)context, (void)path;
    save_count++;
    return CVY_OK;
}

TestSuite(callback_state, .init = scratch_open, .fini = scratch_close);

static cvy_logs logs_of(size_t epoch)
{
    cvy_logs logs = { 0 };

    cvy_logs_set(&logs, "loss", losses[epoch] + 1);
    cvy_logs_set(&logs, "val_loss", losses[epoch]);
    return logs;
}

static void run_epoch(cvy_callbacks *callbacks, cvy_callback_run *run, size_t epoch)
{
    cvy_logs logs = logs_of(epoch);

    run->epoch = epoch;
    for (size_t w = 0; w < 4; w++)
        weights[w] = (float)(10 * epoch + w);
    for (size_t batch = 0; batch < BATCHES; batch++)
        cr_assert_eq(cvy_callbacks_batch_end(callbacks, run, batch, &logs), CVY_OK);
    cr_assert_eq(cvy_callbacks_epoch_end(callbacks, run, &logs), CVY_OK);
}

static cvy_callbacks begin(const char *const *specs, size_t count, cvy_callback_run *run,
                           bool is_resuming)
{
    cvy_callbacks callbacks;

    run->is_resuming = is_resuming;
    cr_assert_eq(cvy_callbacks_read(specs, count, &callbacks), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, run), CVY_OK, "%s", cvy_error_message());
    return callbacks;
}

/* Saves, goes on for an epoch that is lost, and resumes from what was saved. */
static cvy_callbacks interrupt(cvy_callbacks old, const char *const *specs, cvy_callback_run *run)
{
    const size_t events_before = event_count, saves_before = save_count;
    cvy_callback_run lost = *run;
    json_t *state = cvy_callbacks_save(&old);
    float kept[4];

    memcpy(kept, old.items[0].kind->kept_weights(&old.items[0]), sizeof kept);
    if (run->epoch + 1 < EPOCHS)
        run_epoch(&old, &lost, run->epoch + 1);
    cvy_callbacks_release(&old);
    event_count = events_before;
    save_count = saves_before;

    cvy_callbacks fresh = begin(specs, CALLBACKS, run, true);
    char *text = json_dumps(state, JSON_COMPACT); /* as a checkpoint has it */
    json_t *read = json_loads(text, 0, NULL);
    cr_assert_eq(cvy_callbacks_restore(&fresh, read), CVY_OK, "%s", cvy_error_message());
    memcpy(fresh.items[0].kind->kept_weights(&fresh.items[0]), kept, sizeof kept);
    json_decref(read);
    free(text);
    json_decref(state);
    return fresh;
}

/* Runs all epochs, interrupted behind epoch `interrupted` (EPOCHS: not at all); one line for each thing
 * that happened, and the learning rate and weights at the end. */
static const char *run_all(size_t interrupted)
{
    static char texts[2][TEXT_BYTES];
    static size_t turn;
    char csv[600], checkpoint[600], *text = texts[turn++ % 2];
    const char *const specs[] = { "early_stopping:patience=4,restore_best_weights=true",
                                  "reduce_lr_on_plateau:patience=1,cooldown=1,factor=0.5", csv,
                                  checkpoint, "terminate_on_nan" };
    cvy_callback_run run = {
        .weights = weights, .weight_count = 4, .learning_rate = 0.125, .save = save, .tell = note
    };

    snprintf(csv, sizeof csv, "csv_logger:filename=%s", scratch_path("log.csv"));
    snprintf(checkpoint, sizeof checkpoint, "model_checkpoint:save_freq=3,filepath=%s",
             scratch_path("best.safetensors"));
    event_count = save_count = 0;
    cvy_callbacks callbacks = begin(specs, CALLBACKS, &run, false);
    for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
        run_epoch(&callbacks, &run, epoch);
        if (epoch != interrupted)
            continue;
        callbacks = interrupt(callbacks, specs, &run);
    }
    cr_assert_eq(cvy_callbacks_train_end(&callbacks, &run), CVY_OK);
    cvy_callbacks_release(&callbacks);
    size_t length =
        (size_t)snprintf(text, TEXT_BYTES, "rate %.17g, weight %g, stop %d, saves %zu\n",
                         run.learning_rate, (double)weights[0], run.is_stopping, save_count);
    for (size_t i = 0; i < event_count; i++)
        length += (size_t)snprintf(text + length, TEXT_BYTES - length, "%s\n", events[i]);
    return text;
}

static const char *read_csv(void)
{
    static char texts[2][TEXT_BYTES];
    static size_t turn;
    char *text = texts[turn++ % 2];
    FILE *file = fopen(scratch_path("log.csv"), "r");

    cr_assert_not_null(file);
    text[fread(text, 1, TEXT_BYTES - 1, file)] = '\0';
    fclose(file);
    return text;
}

Test(callback_state, a_resumed_run_is_the_uninterrupted_one)
{
    const char *whole = run_all(EPOCHS), *whole_csv = read_csv();
    char expected[TEXT_BYTES], expected_csv[TEXT_BYTES];

    snprintf(expected, sizeof expected, "%s", whole);
    snprintf(expected_csv, sizeof expected_csv, "%s", whole_csv);
    cr_expect_not_null(strstr(expected, "reduced"));
    cr_expect_not_null(strstr(expected, "restored"));
    cr_expect_not_null(strstr(expected, "saved 15 times"));
    for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
        cr_expect_str_eq(run_all(epoch), expected, "interrupted after epoch %zu", epoch);
        cr_expect_str_eq(read_csv(), expected_csv, "interrupted after epoch %zu", epoch);
    }
}

Test(callback_state, states_of_other_callbacks_are_refused)
{
    static const char *const specs[] = { "early_stopping:restore_best_weights=true" };
    cvy_callback_run run = { .weights = weights, .weight_count = 4, .save = save, .tell = note };
    cvy_callbacks callbacks = begin(specs, 1, &run, false);
    static const struct {
        const char *state, *words;
    } cases[] = {
        { "[]", "callbacks|found the state of 0, expected 1" },
        { "[{\"callback\":\"csv_logger\",\"state\":{}}]", "early_stopping|csv_logger" },
        { "[{\"callback\":\"early_stopping\",\"state\":{}}]", "best|is_set" },
        { "[{\"callback\":\"early_stopping\",\"state\":{\"best\":{\"is_set\":true,"
          "\"value\":\"x\",\"epoch\":1}}}]",
          "value|a number" },
        { "[7]", "none" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *state = json_loads(cases[i].state, 0, NULL);
        cr_assert_not_null(state);
        expect_refusal(cases[i].state, cvy_callbacks_restore(&callbacks, state), CVY_ERR_FORMAT,
                       cases[i].words);
        json_decref(state);
    }
    cvy_callbacks_release(&callbacks);
}
