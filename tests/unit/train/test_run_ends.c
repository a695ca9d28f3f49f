/* When a training run ends, and what it reports on its way: a limit of steps, progress, evaluations inside an
 * epoch, stops, numbers that are not finite. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "model/model.h"
#include "softmax_run.h"

TestSuite(run_ends, .init = begin, .fini = end);

/* --- when it ends --- */

Test(run_ends, steps_end_a_run_inside_an_epoch)
{
    settings.steps = 6;
    train();
    cr_expect_eq(history->steps, 6);
    cr_assert_eq(history->epoch_count, 2);
    cr_expect_eq(history->epochs[0]->steps, 4);
    cr_expect_eq(history->epochs[1]->steps, 2);
}

Test(run_ends, steps_that_are_whole_epochs)
{
    settings.steps = 8;
    const char *by_steps = train();
    cr_expect_eq(history->epoch_count, 2);
    settings.steps = 0;
    settings.epochs = 2;
    cr_expect_str_eq(train(), by_steps);
    settings.steps = 1000;
    cr_expect_str_eq(train(), by_steps);
    cr_expect_eq(history->steps, 8);
}

/* What on_progress was called with. */
typedef struct {
    size_t calls, epoch_ends, stop_at_call, stop_at_epoch;
    cvy_progress last;
} witness;

static bool observe(void *context, const cvy_progress *progress)
{
    witness *w = context;
    const cvy_progress before = w->last;

    w->last = *progress;
    w->calls++;
    w->epoch_ends += progress->is_epoch_end;
    cr_expect_geq(progress->steps_done, before.steps_done);
    cr_expect_geq(progress->epoch, before.epoch);
    cr_expect_leq(progress->steps_done, progress->steps_total);
    cr_expect_leq(progress->step, progress->steps_per_epoch);
    cr_expect_eq(progress->finished != NULL, progress->is_epoch_end);
    cr_expect(isfinite(progress->loss) && progress->accuracy >= 0 && progress->accuracy <= 1);
    if (progress->is_epoch_end) {
        cr_expect_eq(progress->epoch, w->epoch_ends);
        cr_expect_eq(progress->finished->loss, progress->loss);
        cr_expect_eq(progress->finished->accuracy, progress->accuracy);
        cr_expect(w->stop_at_call > 0 || progress->steps_done == 4 * w->epoch_ends);
    }
    return w->calls != w->stop_at_call &&
           !(progress->is_epoch_end && w->epoch_ends == w->stop_at_epoch);
}

Test(run_ends, progress_is_reported)
{
    witness w = { 0 };

    settings.on_progress = observe;
    settings.context = &w;
    train();
    cr_expect_eq(w.epoch_ends, 3);
    cr_expect_gt(w.calls, 3); /* the first step, if no other */
    cr_expect(w.last.is_epoch_end);
    cr_expect_eq(w.last.epoch_count, 3);
    cr_expect_eq(w.last.steps_per_epoch, 4);
    cr_expect_eq(w.last.steps_done, 12);
    cr_expect_eq(w.last.steps_total, 12);
    cr_expect_not(history->is_stopped);
}

/* --- evaluations --- */

enum { EVALUATIONS_MAX = 32 };

typedef struct {
    size_t count, stop_at;
    size_t steps[EVALUATIONS_MAX];
    cvy_epoch reported[EVALUATIONS_MAX];
} evaluations;

static bool note_evaluation(void *context, const cvy_progress *progress)
{
    evaluations *e = context;

    if (progress->evaluated == NULL)
        return true;
    cr_assert_lt(e->count, EVALUATIONS_MAX);
    e->steps[e->count] = progress->steps_done;
    e->reported[e->count++] = *progress->evaluated;
    return e->count != e->stop_at;
}

static evaluations evaluate(size_t every)
{
    evaluations e = { 0 };

    settings.validation_split = 0.2; /* 80 images are trained on: 32, 32 and 16 */
    settings.evaluate_every = every;
    settings.on_progress = note_evaluation;
    settings.context = &e;
    train();
    return e;
}

Test(run_ends, evaluations_follow_every_n_updates_and_each_epoch)
{
    static const size_t by_one[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    static const size_t by_two[] = { 2, 3, 5, 6, 8, 9 }, by_three[] = { 3, 6, 9 };
    static const struct {
        size_t every, count;
        const size_t *steps;
    } cases[] = {
        { 0, 3, by_three }, { 1, 9, by_one },   { 2, 6, by_two },
        { 3, 3, by_three }, { 9, 3, by_three },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const evaluations e = evaluate(cases[i].every);
        cr_expect_eq(e.count, cases[i].count);
        for (size_t k = 0; k < e.count; k++) {
            cr_expect_eq(e.steps[k], cases[i].steps[k]);
            cr_expect_eq(e.reported[k].epoch, (cases[i].steps[k] + 2) / 3);
            cr_expect(e.reported[k].has_validation && isfinite(e.reported[k].val_loss));
        }
    }
}

Test(run_ends, an_evaluation_reports_means_since_the_last_one)
{
    const evaluations e = evaluate(1);
    static const double images[] = { 32, 32, 16 };

    for (size_t epoch = 0; epoch < 3; epoch++) {
        double loss = 0, hits = 0;
        for (size_t i = 0; i < 3; i++) {
            loss += images[i] * e.reported[3 * epoch + i].loss;
            hits += images[i] * e.reported[3 * epoch + i].accuracy;
        }
        cr_expect_float_eq(loss / 80, history->epochs[epoch]->loss, 1e-12);
        cr_expect_float_eq(hits / 80, history->epochs[epoch]->accuracy, 1e-12);
        cr_expect_eq(e.reported[3 * epoch + 2].val_loss, history->epochs[epoch]->val_loss);
        cr_expect_eq(e.reported[3 * epoch + 2].seconds, history->epochs[epoch]->seconds);
        cr_expect_lt(e.reported[3 * epoch].seconds, e.reported[3 * epoch + 1].seconds);
    }
}

/* What could be touched: moving statistics, dropout's masks, averages of the weights, callbacks. */
Test(run_ends, evaluations_change_no_bit)
{
    static const char *const callbacks[] = { "early_stopping:patience=1,monitor=val_loss,"
                                             "restore_best_weights=true" };
    char expected[80];

    cvy_model_destroy(model);
    model = model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':16")
                           LAYER("BatchNormalization", "'axis':-1") LAYER("Dropout", "'rate':0.3")
                               LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings.optimizer = "adam:use_ema=true,ema_overwrite_frequency=2,clipnorm=1";
    settings.learning_rate = "cosine_decay:initial_learning_rate=0.01,decay_steps=9";
    settings.callbacks = callbacks;
    settings.callback_count = 1;
    evaluate(0);
    snprintf(expected, sizeof expected, "%s", model_digest(model));
    for (size_t every = 1; every <= 4; every++) {
        evaluate(every);
        cr_expect_str_eq(model_digest(model), expected, "every %zu", every);
    }
}

Test(run_ends, a_stop_at_an_evaluation_inside_an_epoch)
{
    evaluations e = { .stop_at = 4 };

    settings.validation_split = 0.2;
    settings.evaluate_every = 1;
    settings.on_progress = note_evaluation;
    settings.context = &e;
    train();
    cr_expect(history->is_stopped);
    cr_expect_eq(history->steps, 4);
    cr_expect_eq(history->epoch_count, 2);
    cr_expect(isfinite(e.reported[e.count - 1].loss));
}

Test(run_ends, a_stop_takes_effect_after_the_running_step)
{
    witness w = { .stop_at_call = 1 };

    settings.on_progress = observe;
    settings.context = &w;
    const char *stopped = train();
    cr_expect(history->is_stopped);
    cr_expect_eq(history->steps, 1);
    cr_assert_eq(history->epoch_count, 1);
    cr_expect_eq(history->epochs[0]->steps, 1);
    cr_expect_not_null(strstr(cvy_model_training_record(model), "\"stopped\":true"));

    settings.on_progress = NULL;
    settings.steps = 1;
    cr_expect_str_eq(train(), stopped);
    cr_expect_not(history->is_stopped);
    cr_expect_not_null(strstr(cvy_model_training_record(model), "\"stopped\":false"));
}

Test(run_ends, a_stop_at_the_end_of_an_epoch)
{
    witness w = { .stop_at_epoch = 2 };

    settings.on_progress = observe;
    settings.context = &w;
    const char *stopped = train();
    cr_expect(history->is_stopped);
    cr_expect_eq(history->epoch_count, 2);
    cr_expect_eq(history->steps, 8);
    settings.on_progress = NULL;
    settings.epochs = 2;
    cr_expect_str_eq(train(), stopped);
}

static bool are_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Steps of 1e30 take the outputs beyond float32 once there is a hidden layer. */
Test(run_ends, a_loss_that_is_not_finite_ends_the_run)
{
    cvy_model_destroy(model);
    model = model_make(INPUT("28,28,1") FLATTEN DENSE("8") DENSE("10"));
    settings.optimizer = "sgd";
    settings.learning_rate = "1e30";
    expect_refusal("a rate of 1e30", cvy_train(model, data, &settings, &history), CVY_ERR_DIVERGED,
                   "not a finite number|epoch 1|learning rate");
    cr_assert(history->steps > 0 && history->steps < 4, "%zu steps", history->steps);
    cr_expect_eq(history->epoch_count, 1);
    cr_expect_eq(history->epochs[0]->steps, history->steps);
    cr_expect(isfinite(history->epochs[0]->loss));
    cr_expect(are_finite(model->weights, model->block_floats));

    /* the weights are the last that were kept of those with a finite loss */
    const char *diverged = model_digest(model);
    cr_expect(history->has_diverged);
    cr_assert(history->good_steps <= history->steps, "%zu", history->good_steps);
    settings.on_nan = CVY_ON_NAN_IGNORE;
    settings.steps = history->good_steps;
    if (settings.steps > 0)
        cr_expect_str_eq(train(), diverged);
}

Test(run_ends, a_loss_that_is_not_finite_from_the_start)
{
    settings.keep_weights = true;
    model->weights[0] = NAN;
    expect_refusal("a weight that is NaN", cvy_train(model, data, &settings, &history),
                   CVY_ERR_DIVERGED, "update 1 (epoch 1)");
    cr_expect_eq(history->steps, 0);
    cr_expect_eq(history->epoch_count, 0);
    for (size_t i = 1; i < model->block_floats; i++)
        cr_assert_eq(model->weights[i], 0);
}

/* The last update of an epoch is followed by no loss that would show what it did. */
Test(run_ends, weights_that_are_not_finite_at_the_end_of_an_epoch)
{
    settings.optimizer = "sgd";
    settings.learning_rate = "1e300"; /* infinite as a float */
    settings.steps = 1;
    settings.validation_split = 0.1;
    expect_refusal(
        "a rate of 1e300", cvy_train(model, data, &settings, &history), CVY_ERR_DIVERGED,
        "the weight dense/kernel is not a finite number|update 1 (epoch 1)|learning rate");
    cr_expect_eq(history->steps, 1);
    cr_expect_eq(history->epoch_count, 1);
    cr_expect_not(history->epochs[0]->has_validation);
    cr_expect_null(cvy_model_training_record(model));
}
