/* A run that is stopped anywhere and resumed from its checkpoint ends with the bits of one that never was. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "optimizers/optimizer.h"
#include "support/slow_build.h"
#include "unit/train/checkpointed_run.h"

TestSuite(resume, .init = checkpointed_run_begin, .fini = checkpointed_run_end);

/* --- where it stops --- */

static size_t asked, stop_at;

static bool stop(void *context)
{
    (void)context;
    return ++asked >= stop_at;
}

/* The losses of all epochs, to the last bit. */
static void expect_same_epochs(const cvy_history *a, const cvy_history *b, const char *what)
{
    cr_assert_eq(a->epoch_count, b->epoch_count, "%s", what);
    for (size_t i = 0; i < a->epoch_count; i++) {
        cr_expect_eq(a->epochs[i]->loss, b->epochs[i]->loss, "%s", what);
        cr_expect_eq(a->epochs[i]->val_loss, b->epochs[i]->val_loss, "%s", what);
        cr_expect_eq(a->epochs[i]->learning_rate, b->epochs[i]->learning_rate, "%s", what);
        for (size_t m = 0; m < a->epochs[i]->metric_count; m++)
            cr_expect_eq(a->epochs[i]->metrics[m].value, b->epochs[i]->metrics[m].value, "%s",
                         what);
    }
    cr_assert_eq(a->event_count, b->event_count, "%s", what);
    for (size_t i = 0; i < a->event_count; i++)
        cr_expect_str_eq(a->events[i]->text, b->events[i]->text, "%s", what);
}

/* Stop when it is asked for the nth time, which is after a step or inside a validation; then resume. n: first,
 * first + step, ... */
static void expect_same_from(const char *what, size_t first, size_t step)
{
    const char *whole = train();
    cvy_history *expected = history;

    history = NULL;
    settings.checkpoint_folder = folder;
    for (stop_at = first; stop_at <= STEPS + 3; stop_at += step) {
        settings.stop_requested = stop;
        settings.resume = false;
        settings.threads = 1 + stop_at % 3;
        asked = 0;
        train();
        cr_assert(history->is_stopped, "%s", what);
        cr_assert_not_null(history->checkpoint);
        cr_assert_null(history->checkpoint_problem);

        settings.stop_requested = NULL;
        settings.resume = true;
        settings.threads = 1 + (stop_at + 1) % 3;
        cr_assert_str_eq(train(), whole, "%s, stopped at %zu", what, stop_at);
        expect_same_epochs(expected, history, what);
        forget_checkpoints();
    }
    cvy_history_destroy(expected);
    settings.checkpoint_folder = NULL;
    settings.resume = false;
}

static void expect_same_from_everywhere(const char *what)
{
    expect_same_from(what, 1, 1);
}

/* What differs between optimizers is what they keep, not where a run stops: two of them stop everywhere, each
 * other one at every fourth place, which is at each of the three steps of an accumulation. */
Test(resume, every_optimizer_from_everywhere)
{
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        char spec[512];
        if (IS_SLOW && i % 2 != 0 && i > 2)
            continue;
        snprintf(spec, sizeof spec, "%s:gradient_accumulation_steps=3,use_ema=true",
                 cvy_optimizer_kinds[i]->name);
        settings.optimizer = i % 2 == 0 ? spec : cvy_optimizer_kinds[i]->name;
        expect_same_from(settings.optimizer, 1 + (i < 2 ? 0 : i % 4), i < 2 ? 1 : 4);
    }
}

Test(resume, callbacks_metrics_and_augmentation)
{
    static char logger[600];
    static const char *const augmentations[] = { "random_rotation:factor=0.1",
                                                 "random_zoom:height_factor=0.2" };
    const char *callbacks[] = {
        "reduce_lr_on_plateau:patience=0,min_delta=10",
        "early_stopping:patience=2,min_delta=10,restore_best_weights=true",
        logger,
    };

    snprintf(logger, sizeof logger, "csv_logger:filename=%s", scratch_path("log.csv"));
    settings.callbacks = callbacks;
    settings.callback_count = 3;
    settings.augmentations = augmentations;
    settings.augmentation_count = 2;
    settings.metrics = "auc,precision";
    settings.optimizer = "adam:use_ema=true,gradient_accumulation_steps=2";
    expect_same_from_everywhere("callbacks");
    unlink(scratch_path("log.csv"));
}

Test(resume, a_schedule)
{
    settings.learning_rate = "one_cycle:max_learning_rate=0.02";
    expect_same_from_everywhere("one_cycle");
}

/* --- what may change --- */

Test(resume, a_finished_run_is_extended)
{
    const char *whole = train();

    settings.checkpoint_folder = folder;
    settings.resume = true;
    settings.epochs = 2;
    settings.steps = 6; /* inside an epoch */
    train();
    settings.steps = 0;
    train();
    cr_expect_eq(history->resumed_steps, 6);
    settings.epochs = EPOCHS;
    cr_expect_str_eq(train(), whole);
    cr_expect_eq(history->resumed_steps, 8);
    cr_expect_str_eq(train(), whole); /* nothing is left to do */
    cr_expect_eq(history->resumed_steps, STEPS);
}

Test(resume, a_change_is_refused_by_name)
{
    static const char *const one[] = { "terminate_on_nan" };
    cvy_train_settings before;
    cvy_dataset *other;

    settings.checkpoint_folder = folder;
    settings.epochs = 2;
    train();
    settings.resume = true;
    before = settings;
    settings.batch_size = 16;
    expect_refused("--batch-size|16|32|--resume-anyway");
    settings = before;
    settings.optimizer = "sgd";
    expect_refused("--optimizer|sgd|adam");
    settings = before;
    settings.learning_rate = "0.5";
    expect_refused("--learning-rate|0.5");
    settings = before;
    settings.seed = 5;
    expect_refused("seed|5|4");
    settings = before;
    settings.epochs = 1;
    expect_refused("--epochs|1|2");
    settings = before;
    settings.callbacks = one;
    settings.callback_count = 1;
    expect_refused("--callback|terminate_on_nan");
    settings = before;
    settings.normalize = "unit";
    expect_refused("normalize|unit|standard");
    settings = before;
    settings.metrics = "auc";
    expect_refused("metrics|auc|none");

    cr_assert_eq(cvy_dataset_open("digits:train=120,test=20,seed=3", 2, &other), CVY_OK);
    settings = before;
    expect_refusal("data", cvy_train(model, other, &settings, NULL), CVY_ERR_SETTING,
                   "data|SHA-256");
    cvy_dataset_close(other);
}

Test(resume, another_batch_size_anyway)
{
    settings.checkpoint_folder = folder;
    settings.steps = 6;
    train();
    settings.steps = 0;
    settings.resume = settings.resume_anyway = true;
    settings.batch_size = 16;
    settings.optimizer = "rmsprop";
    train();
    cr_expect_eq(history->epoch_count, EPOCHS);
    cr_expect_eq(history->steps, 6 + 2 * 7); /* the second epoch begins anew */
}

/* --- evaluations inside an epoch --- */

typedef struct {
    size_t count, step[4 * EPOCHS];
    double loss[4 * EPOCHS], val_loss[4 * EPOCHS];
} evaluations;

static bool note_evaluation(void *context, const cvy_progress *progress)
{
    evaluations *e = context;

    if (progress->evaluated == NULL)
        return true;
    cr_assert_lt(e->count, sizeof e->step / sizeof *e->step);
    e->step[e->count] = progress->steps_done;
    e->loss[e->count] = progress->evaluated->loss;
    e->val_loss[e->count++] = progress->evaluated->val_loss;
    return true;
}

/* One that a stop prevents or cuts short is made after resuming, and none is made twice. */
Test(resume, evaluations_inside_an_epoch_are_each_reported_once)
{
    evaluations whole = { 0 };

    settings.evaluate_every = 1;
    settings.threads = 1;
    settings.on_progress = note_evaluation;
    settings.context = &whole;
    train();
    cr_assert_eq(whole.count, STEPS);
    settings.checkpoint_folder = folder;
    for (stop_at = 1; stop_at <= 3 * STEPS; stop_at++) {
        evaluations parts = { 0 };
        settings.context = &parts;
        settings.stop_requested = stop;
        settings.resume = false;
        asked = 0;
        train();
        settings.stop_requested = NULL;
        settings.resume = true;
        train();
        cr_assert_eq(parts.count, STEPS, "stopped at %zu: %zu evaluations", stop_at, parts.count);
        for (size_t i = 0; i < STEPS; i++) {
            cr_expect_eq(parts.step[i], whole.step[i], "stopped at %zu", stop_at);
            cr_expect_eq(parts.loss[i], whole.loss[i], "stopped at %zu", stop_at);
            cr_expect_eq(parts.val_loss[i], whole.val_loss[i], "stopped at %zu", stop_at);
        }
        forget_checkpoints();
    }
}
