/* Callbacks in a list: what they are asked for, what is refused, what they see of each other and what
 * they tell. What each does with values is held against Keras in golden/. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "callbacks/callback.h"
#include "callbacks/monitor.h"
#include "support/models.h"

enum { EVENTS_MAX = 16 };

static float weights[3];
static cvy_logs known;
static cvy_event events[EVENTS_MAX];
static size_t event_count, saved_count;
static cvy_status save_status;

static cvy_status save(void *context, const char *path)
{
    (void)context;
    (void)path;
    saved_count++;
    return save_status == CVY_OK ? CVY_OK : cvy_fail(save_status, "no room");
}

static cvy_status tell(void *context, const cvy_event *event)
{
    (void)context;
    cr_assert_lt(event_count, EVENTS_MAX);
    events[event_count++] = *event;
    return CVY_OK;
}

static cvy_callback_run make_run(void)
{
    return (cvy_callback_run){ .weights = weights,
                               .weight_count = 3,
                               .learning_rate = 0.1,
                               .known = &known,
                               .save = save,
                               .tell = tell };
}

/* Up to four specs. */
static cvy_callbacks read_all(const char *const specs[4])
{
    cvy_callbacks callbacks;
    size_t count = 0;

    while (count < 4 && specs[count] != NULL)
        count++;
    cr_assert_eq(cvy_callbacks_read(specs, count, &callbacks), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(callbacks.count, count);
    return callbacks;
}

static void end_epoch(cvy_callbacks *callbacks, cvy_callback_run *run, size_t epoch, double loss)
{
    cvy_logs logs = { 0 };

    run->epoch = epoch;
    cvy_logs_set(&logs, "loss", loss);
    cr_assert_eq(cvy_callbacks_epoch_end(callbacks, run, &logs), CVY_OK, "%s", cvy_error_message());
}

/* --- settings --- */

static void expect_refused(const char *spec, const char *words)
{
    cvy_callbacks callbacks;

    expect_refusal(spec, cvy_callbacks_read(&spec, 1, &callbacks), CVY_ERR_SETTING, words);
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, bad_settings_are_refused)
{
    expect_refused("early_stoping", "callback|\"early_stoping\"|\"early_stopping\"");
    expect_refused("early_stopping:patience=-1", "patience|\"-1\"|at least 0");
    expect_refused("early_stopping:patience=1.5", "patience|\"1.5\"");
    expect_refused("early_stopping:mode=up", "mode|\"up\"|auto, min or max");
    expect_refused("early_stopping:monitor=speed",
                   "early_stopping|monitor|\"speed\"|val_accuracy|mode");
    expect_refused("early_stopping:monitor=val_", "monitor|\"val_\"");
    expect_refused("early_stopping:min_delta=nan", "min_delta|\"nan\"");
    expect_refused("early_stopping:baseline=x", "baseline|\"x\"|none");
    expect_refused("early_stopping:restore_best_weights=1", "restore_best_weights|\"1\"|true");
    expect_refused("early_stopping:patience=1,patience=2", "patience|twice");
    expect_refused("early_stopping:verbose=1", "\"verbose\"|patience");
    expect_refused("reduce_lr_on_plateau:factor=1", "factor|\"1\"|[0, 1)");
    expect_refused("reduce_lr_on_plateau:factor=-0.1", "factor|\"-0.1\"|[0, 1)");
    expect_refused("reduce_lr_on_plateau:min_lr=-1", "min_lr|\"-1\"|at least 0");
    expect_refused("reduce_lr_on_plateau:cooldown=-1", "cooldown|\"-1\"");
    expect_refused("model_checkpoint", "filepath is missing");
    expect_refused("model_checkpoint:filepath=a.keras", "filepath|\"a.keras\"|.safetensors");
    expect_refused("model_checkpoint:filepath=.safetensors", "filepath|.safetensors");
    expect_refused("model_checkpoint:filepath=a.safetensors,save_freq=0", "save_freq|\"0\"|epoch");
    expect_refused("model_checkpoint:filepath=a.safetensors,save_freq=batch",
                   "save_freq|\"batch\"");
    expect_refused("model_checkpoint:filepath=a.safetensors,initial_value_threshold=inf",
                   "initial_value_threshold|\"inf\"|none");
    expect_refused("model_checkpoint:filepath=a.safetensors,monitor=f1", "monitor|\"f1\"");
    expect_refused("csv_logger", "filename is missing");
    expect_refused("csv_logger:filename=", "filename");
    expect_refused("csv_logger:filename=a,separator=ab", "separator|\"ab\"|one character");
    expect_refused("csv_logger:filename=a,separator=\"", "separator");
    expect_refused("csv_logger:filename=a,separator=", "separator");
    expect_refused("terminate_on_nan:raise_error=maybe", "raise_error|\"maybe\"");
}

Test(callbacks, a_bad_one_among_good_ones_is_refused)
{
    const char *const specs[] = { "terminate_on_nan", "early_stopping:patience=x",
                                  "early_stopping" };
    cvy_callbacks callbacks;

    expect_refusal("second", cvy_callbacks_read(specs, 3, &callbacks), CVY_ERR_SETTING, "patience");
    cvy_callbacks_release(&callbacks);
    cr_expect_eq(callbacks.count, 0);
}

Test(callbacks, none_are_nothing)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){ NULL });
    cvy_callback_run run = make_run();

    cr_expect_eq(cvy_callbacks_until_due(&callbacks), SIZE_MAX);
    cr_expect_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    end_epoch(&callbacks, &run, 0, 1);
    cr_expect_eq(cvy_callbacks_train_end(&callbacks, &run), CVY_OK);
    cr_expect_eq(event_count, 0);
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, a_known_name_is_clear_without_a_mode)
{
    static const struct {
        const char *name;
        bool less_is_better;
    } names[] = {
        { "loss", true }, { "val_loss", true }, { "accuracy", false }, { "val_accuracy", false }
    };

    for (size_t i = 0; i < 4; i++) {
        cvy_monitor monitor = { .mode = 0 };
        strcpy(monitor.monitor, names[i].name);
        cr_expect_eq(cvy_monitor_check(&monitor), CVY_OK);
        cr_expect_eq(cvy_monitor_beats(&monitor, 1, 2), names[i].less_is_better);
        cr_expect_eq(cvy_monitor_beats(&monitor, 2, 1), !names[i].less_is_better);
        cr_expect_not(cvy_monitor_beats(&monitor, 1, 1));
        cr_expect_not(cvy_monitor_beats(&monitor, NAN, 1));
        cr_expect_not(cvy_monitor_beats(&monitor, 1, NAN));
    }
}

/* --- before training --- */

Test(callbacks, a_schedule_cannot_be_reduced)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){ "reduce_lr_on_plateau" });
    cvy_callback_run run = make_run();

    run.has_schedule = true;
    expect_refusal("schedule", cvy_callbacks_check(&callbacks, &run), CVY_ERR_SETTING,
                   "reduce_lr_on_plateau|schedule|number");
    cvy_callbacks_release(&callbacks);
}

static void expect_refused_at_begin(const char *spec, cvy_status status, const char *words)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){ spec });
    cvy_callback_run run = make_run();

    cvy_logs_set(&known, "loss", 0);
    cvy_logs_set(&known, "val_loss", 0);
    const cvy_status found = cvy_callbacks_check(&callbacks, &run);
    expect_refusal(spec, found == CVY_OK ? cvy_callbacks_train_begin(&callbacks, &run) : found,
                   status, words);
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, a_wrong_path_is_found_before_training)
{
    expect_refused_at_begin("model_checkpoint:filepath={los}.safetensors", CVY_ERR_SETTING,
                            "model_checkpoint|{los}|val_loss");
    expect_refused_at_begin("model_checkpoint:filepath={batch}.safetensors", CVY_ERR_SETTING,
                            "{batch}");
    expect_refused_at_begin("model_checkpoint:filepath={val_loss}.safetensors,save_freq=2",
                            CVY_ERR_SETTING, "{val_loss}");
    expect_refused_at_begin("csv_logger:filename=/nonexistent/log.csv", CVY_ERR_OPEN,
                            "csv_logger|/nonexistent/log.csv");
}

/* --- what happens --- */

Test(callbacks, restored_weights_are_the_same_bits)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){
        "early_stopping:monitor=loss,patience=2,restore_best_weights=true" });
    cvy_callback_run run = make_run();
    static const double losses[] = { 3, 1, 2, 2, 0 };
    const float best[] = { 0.1f, -0.0f, 1e-42f };

    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    size_t epoch = 0;
    for (; !run.is_stopping; epoch++) {
        for (size_t i = 0; i < 3; i++)
            weights[i] = epoch == 1 ? best[i] : (float)epoch;
        end_epoch(&callbacks, &run, epoch, losses[epoch]);
    }
    cr_expect_eq(epoch, 4);
    cr_expect_eq(weights[0], 3);
    cr_expect_eq(cvy_callbacks_train_end(&callbacks, &run), CVY_OK);
    cr_expect_arr_eq(weights, best, sizeof best);
    cr_assert_eq(event_count, 2);
    cr_expect_str_eq(events[0].event, "stopped");
    cr_expect_eq(events[0].epoch, 4);
    cr_expect_str_eq(events[1].callback, "early_stopping");
    cr_expect_str_eq(events[1].event, "restored");
    cr_expect_eq(events[1].best_epoch, 2);
    cr_expect_eq(events[1].value, 1);
    cvy_callbacks_release(&callbacks);
}

/* A list can be used for another training. */
Test(callbacks, training_begins_anew)
{
    cvy_callbacks callbacks = read_all(
        (const char *const[4]){ "early_stopping:monitor=loss,patience=1,restore_best_weights=true",
                                "reduce_lr_on_plateau:monitor=loss,patience=1" });

    for (size_t turn = 0; turn < 2; turn++) {
        cvy_callback_run run = make_run();
        cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
        end_epoch(&callbacks, &run, 0, 1);
        cr_expect_not(run.is_stopping);
        cr_expect_eq(run.learning_rate, 0.1);
        end_epoch(&callbacks, &run, 1, 2);
        cr_expect(run.is_stopping);
        cr_expect_lt(run.learning_rate, 0.011);
        cr_expect_eq(cvy_callbacks_train_end(&callbacks, &run), CVY_OK);
    }
    cvy_callbacks_release(&callbacks);
}

/* The rate before the reduction stands in the logs of those behind, as in Keras. */
Test(callbacks, later_ones_see_what_earlier_ones_add, .init = scratch_open, .fini = scratch_close)
{
    char csv[512], line[256];
    snprintf(csv, sizeof csv, "csv_logger:filename=%s", scratch_path("log.csv"));
    cvy_callbacks callbacks = read_all(
        (const char *const[4]){ "reduce_lr_on_plateau:monitor=loss,patience=1,factor=0.5", csv });
    cvy_callback_run run = make_run();

    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    end_epoch(&callbacks, &run, 0, 1);
    end_epoch(&callbacks, &run, 1, 1);
    end_epoch(&callbacks, &run, 2, 1);
    cr_expect_eq(cvy_callbacks_train_end(&callbacks, &run), CVY_OK);
    static const char *const wanted[] = {
        "epoch,learning_rate,loss,val_learning_rate,val_loss\r\n",
        "0,0.10000000149011612,1.0,NA,NA\r\n",
        "1,0.10000000149011612,1.0,NA,NA\r\n",
        "2,0.05000000074505806,1.0,NA,NA\r\n",
    };
    FILE *file = fopen(scratch_path("log.csv"), "rb");
    cr_assert_not_null(file);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_not_null(fgets(line, sizeof line, file));
        cr_expect_str_eq(line, wanted[i]);
    }
    fclose(file);
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, what_is_missing_is_told_once)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){
        "early_stopping", "model_checkpoint:filepath=a.safetensors,save_best_only=true" });
    cvy_callback_run run = make_run();

    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    for (size_t epoch = 0; epoch < 3; epoch++)
        end_epoch(&callbacks, &run, epoch, 1);
    cr_expect_eq(event_count, 2);
    cr_expect_str_eq(events[0].event, "missing");
    cr_expect_not_null(strstr(events[0].text, "no val_loss to watch, only loss"));
    cr_expect_eq(saved_count, 3, "a missing value keeps no model from being saved");
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, nan_ends_training_in_good_order_or_fails)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){ "terminate_on_nan" });
    cvy_callback_run run = make_run();
    cvy_logs logs = { 0 };

    cvy_logs_set(&logs, "loss", NAN);
    cr_expect_eq(cvy_callbacks_batch_end(&callbacks, &run, 3, &logs), CVY_OK);
    cr_expect(run.is_stopping);
    cr_expect_str_eq(events[0].event, "terminated");
    cvy_callbacks_release(&callbacks);

    callbacks = read_all((const char *const[4]){ "terminate_on_nan:raise_error=true" });
    run = make_run();
    expect_refusal("raise_error", cvy_callbacks_batch_end(&callbacks, &run, 3, &logs),
                   CVY_ERR_DIVERGED, "terminate_on_nan|batch 4");
    cr_expect_not(run.is_stopping);
    cvy_callbacks_release(&callbacks);
}

Test(callbacks, the_nearest_batch_is_due)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){
        "terminate_on_nan", "model_checkpoint:filepath=a.safetensors,save_freq=5",
        "model_checkpoint:filepath=b.safetensors,save_freq=3" });
    cvy_callback_run run = make_run();
    const cvy_logs logs = { 0 };

    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    cr_expect_eq(cvy_callbacks_until_due(&callbacks), 3);
    cr_expect_eq(cvy_callbacks_batch_end(&callbacks, &run, 2, &logs), CVY_OK);
    cr_expect_eq(saved_count, 1);
    cr_expect_eq(cvy_callbacks_until_due(&callbacks), 2);
    cr_expect_eq(cvy_callbacks_batch_end(&callbacks, &run, 4, &logs), CVY_OK);
    cr_expect_eq(saved_count, 2);
    cr_expect_eq(cvy_callbacks_until_due(&callbacks), 1);
    cvy_callbacks_release(&callbacks);
}

/* Each attempt is made anew, and the best value is that of the last file. */
Test(callbacks, a_failed_save_is_an_event_and_training_goes_on)
{
    cvy_callbacks callbacks = read_all((const char *const[4]){
        "model_checkpoint:filepath=a.safetensors,monitor=loss,save_best_only=true" });
    cvy_callback_run run = make_run();

    save_status = CVY_ERR_WRITE;
    cr_assert_eq(cvy_callbacks_train_begin(&callbacks, &run), CVY_OK);
    end_epoch(&callbacks, &run, 0, 1);
    end_epoch(&callbacks, &run, 1, 0.5);
    cr_assert_eq(event_count, 1, "told once");
    cr_expect_str_eq(events[0].event, "failed");
    cr_expect_str_eq(events[0].callback, "model_checkpoint");
    cr_expect_not_null(strstr(events[0].text, "no room"));
    cr_expect_eq(saved_count, 2);
    save_status = CVY_OK;
    end_epoch(&callbacks, &run, 2, 0.7);
    cr_expect_eq(saved_count, 3, "nothing better is in a file");
    end_epoch(&callbacks, &run, 3, 0.8);
    cr_expect_eq(saved_count, 3);
    cvy_callbacks_release(&callbacks);
}

/* keras/src/callbacks/monitor_callback.py: anything improves on nothing, and no comparison with a NaN holds. */
Test(callbacks, a_nan_compares_as_in_keras)
{
    const cvy_monitor less = { .monitor = "loss" }, more = { .monitor = "accuracy" };
    const cvy_best none = { 0 }, nan = { true, NAN, 1 }, half = { true, 0.5, 1 };

    cr_expect(cvy_monitor_improves(&less, NAN, &none));
    cr_expect_not(cvy_monitor_improves(&less, 0.1, &nan));
    cr_expect_not(cvy_monitor_improves(&less, NAN, &half));
    cr_expect_not(cvy_monitor_improves(&more, 0.9, &nan));
    cr_expect_not(cvy_monitor_improves(&more, NAN, &half));
    cr_expect(cvy_monitor_improves(&less, 0.4, &half));
}
