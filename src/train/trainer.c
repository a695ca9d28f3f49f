/* A whole training run: epochs with validation, callbacks, history. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/minmax.h"
#include "train/moments.h"
#include "train/record.h"
#include "train/resume.h"
#include "train/score.h"
#include "train/training.h"

/* Validate, if there is a validation part. Returns CVY_ERR_STOPPED if the caller requests it. */
static cvy_status validate(const cvy_training *t, cvy_epoch *epoch)
{
    double values[CVY_METRICS_COUNT_MAX];
    cvy_image_run images = t->validation;
    cvy_score *score;

    if (t->validation.count == 0)
        return CVY_OK;
    images.comm = t->settings.comm;
    images.stop_requested = images.comm == NULL ? t->settings.stop_requested : NULL;
    images.stop_context = t->settings.context;
    cvy_status status = cvy_score_images(t->model, t->task.compute, images, t->validation_labels, 1,
                                         &t->metrics, values, t->team, &score);
    if (status == CVY_OK) {
        epoch->has_validation = true;
        epoch->val_loss = score->loss;
        epoch->val_accuracy = score->accuracy;
        for (size_t i = 0; i < t->metrics.count; i++)
            epoch->metrics[i].val_value = values[i];
        cvy_score_destroy(score);
    }
    return status;
}

/* Check the weights at the end of the run, for CVY_ON_NAN_IGNORE checks nothing earlier. */
static cvy_status check_weights(const cvy_training *t)
{
    for (size_t i = 0; i < t->model->block_floats; i++)
        if (!isfinite(t->model->weights[i]))
            return cvy_fail(CVY_ERR_DIVERGED,
                            "a weight is not a finite number after update %zu (epoch %zu); a "
                            "smaller learning rate may help",
                            t->history->steps, t->history->epoch_count);
    return CVY_OK;
}

/* No step has tested the last update, so evaluate some images: few at a time, which go through the
 * layers one by one, since a lane would take megabytes beside those that training still holds. */
static cvy_status check_end(const cvy_training *t)
{
    enum { IMAGES = 64, AT_ONCE = 4 };
    const size_t count = cvy_min(t->task.images.count, IMAGES);
    cvy_status status = CVY_OK;

    if (t->settings.on_nan == CVY_ON_NAN_IGNORE)
        return CVY_OK;
    for (size_t first = 0; status == CVY_OK && first < count; first += AT_ONCE) {
        const cvy_image_run some =
            cvy_image_run_part(&t->task.images, first, cvy_min(count - first, AT_ONCE));
        cvy_score *score;
        status = cvy_score_images(t->model, t->task.compute, some, t->task.labels + first, 1, NULL,
                                  NULL, t->team, &score);
        if (status != CVY_OK)
            return status;
        if (!isfinite(score->loss))
            status = cvy_fail(CVY_ERR_DIVERGED,
                              "the loss is not a finite number after update %zu, the last (epoch "
                              "%zu); a smaller learning rate may help",
                              t->history->steps, t->history->epoch_count);
        cvy_score_destroy(score);
    }
    return status;
}

/* Give the model the last good weights. */
static void recover(cvy_training *t)
{
    const size_t steps = cvy_guard_recover(&t->stepper.guard, t->model->weights);

    t->history->has_diverged = true;
    t->history->good_steps = steps == SIZE_MAX ? 0 : steps;
}

/* Call the callbacks after some steps. If a step diverged, training fails unless a callback ends it
 * in good order. */
static cvy_status end_batch(cvy_training *t, cvy_epoch *epoch, cvy_running *running, size_t batch,
                            cvy_status status)
{
    const bool has_diverged = status == CVY_ERR_DIVERGED;
    cvy_epoch seen = *epoch;

    if (has_diverged) {
        recover(t);
        seen.loss = NAN;
    }
    t->hooks.run.has_diverged = has_diverged;
    const cvy_status hook_status = cvy_hooks_batch_end(&t->hooks, &seen, batch);
    if (hook_status != CVY_OK)
        return hook_status;
    if (!has_diverged || !t->hooks.run.is_stopping)
        return status;
    t->has_diverged = true;
    *epoch = seen;
    running->loss = NAN;
    return CVY_OK;
}

/* Steps until the next multiple of `every` in this epoch. every = 0: never. */
static size_t steps_until(size_t every, const cvy_running *running)
{
    return every > 0 ? every - running->steps % every : SIZE_MAX;
}

/* Whether to evaluate inside the epoch now. Not at its end, which is evaluated anyway, nor after a
 * callback has ended training. */
static bool is_inner_evaluation(const cvy_training *t, const cvy_running *running, size_t count)
{
    const size_t every = t->settings.evaluate_every;
    return every > 0 && running->steps % every == 0 && running->steps < count &&
           running->steps != t->evaluated.steps && !t->hooks.run.is_stopping;
}

/* Evaluate between two parts of an epoch. The time does not count as training time. An evaluation
 * that is stopped is not reported, and is repeated when the run is resumed. */
static cvy_status evaluate_inside(cvy_training *t, const cvy_epoch *epoch,
                                  const cvy_running *running)
{
    const double start = cvy_clock_seconds();
    const cvy_running evaluated = t->evaluated;
    cvy_progress progress = cvy_training_progress(t, running);
    cvy_epoch told = cvy_training_since_evaluation(t, epoch, running);
    cvy_status status = validate(t, &told);

    if (status == CVY_ERR_STOPPED) {
        t->evaluated = evaluated;
        t->history->is_stopped = true;
        status = CVY_OK;
    } else if (status == CVY_OK && t->settings.on_progress != NULL) {
        progress.evaluated = &told;
        t->history->is_stopped =
            !cvy_training_goes_on(t, t->settings.on_progress(t->settings.context, &progress));
    }
    t->epoch_start += cvy_clock_seconds() - start;
    return status;
}

/* Steps until a callback, the observer, a checkpoint or an evaluation needs the weights. */
static size_t steps_until_due(const cvy_training *t, const cvy_running *running)
{
    const size_t step_every = t->settings.on_step != NULL ? t->settings.step_every : 0;
    const size_t evaluation = steps_until(t->settings.evaluate_every, running);

    return cvy_min(cvy_min(cvy_min(cvy_callbacks_until_due(&t->hooks.callbacks), t->observer.due),
                           cvy_saver_until_due(t)),
                   cvy_min(evaluation, steps_until(step_every, running)));
}

/* Run the remaining steps of an epoch, interrupted whenever a callback, the observer, a checkpoint
 * or an evaluation needs the weights. */
static cvy_status run_steps(cvy_training *t, size_t index)
{
    cvy_running *running = &t->running;
    const size_t left = t->steps_total - t->steps_before, whole = cvy_steps_per_epoch(&t->task);
    const size_t count = cvy_min(left, whole);
    cvy_status status = CVY_OK;

    cvy_observer_begin_epoch(&t->observer);
    if (is_inner_evaluation(t, running, count)) /* the run was interrupted before or during it */
        status = evaluate_inside(t, &t->results->epochs[index], running);
    while (status == CVY_OK && running->steps < count && !t->hooks.run.is_stopping &&
           !t->history->is_stopped) {
        const size_t limit = cvy_min(steps_until_due(t, running), count - running->steps),
                     steps_before = running->steps;
        const double start = cvy_clock_seconds();
        t->is_pausing = false;
        status = cvy_stepper_continue(&t->stepper, t->team, index, limit, cvy_training_report_step,
                                      t, running);
        const double seconds = cvy_clock_seconds() - start;
        t->epoch_seconds += seconds;
        t->history->train_seconds += seconds;
        cvy_observer_advance(&t->observer, &t->stepper, running->steps - steps_before, running);
        t->history->is_stopped = status == CVY_ERR_STOPPED && !t->is_pausing;
        if (status == CVY_ERR_STOPPED)
            status = CVY_OK;
        cvy_training_describe_epoch(t, index, running, t->epoch_seconds);
        /* the last step, or the one that failed, which counts only if its update spoilt a weight */
        const bool is_counted =
            status != CVY_ERR_DIVERGED || t->stepper.guard.fault == CVY_FAULT_WEIGHT;
        const size_t batch = running->steps - is_counted;
        status = end_batch(t, &t->results->epochs[index], running, batch, status);
        if (status == CVY_OK && !t->has_diverged)
            status = cvy_training_show_step(t, running);
        if (status == CVY_OK && !t->history->is_stopped && is_inner_evaluation(t, running, count))
            status = evaluate_inside(t, &t->results->epochs[index], running);
        if (t->history->is_stopped)
            break;
        if (status == CVY_OK && !t->has_diverged && running->steps < count)
            cvy_saver_save_if_due(t);
    }
    return status;
}

/* Check the loss of the epoch: weights may be finite and yet give a validation loss that is not. */
static cvy_status check_epoch(cvy_training *t, const cvy_epoch *epoch)
{
    cvy_status status = CVY_OK;

    if (t->has_diverged || t->settings.on_nan == CVY_ON_NAN_IGNORE)
        return CVY_OK;
    if (t->settings.on_nan == CVY_ON_NAN_SKIP && isnan(epoch->loss))
        status =
            cvy_fail(CVY_ERR_DIVERGED,
                     "epoch %zu: all of its %zu updates were skipped, since a loss or a gradient "
                     "was not a finite number; a smaller learning rate may help",
                     epoch->epoch, epoch->steps);
    else if (epoch->has_validation && !isfinite(epoch->val_loss))
        status = cvy_fail(CVY_ERR_DIVERGED,
                          "the validation loss is not a finite number after update %zu (epoch %zu) "
                          "with a learning rate of %g; a smaller learning rate may help",
                          t->history->steps, epoch->epoch, epoch->learning_rate);
    if (status != CVY_OK)
        recover(t);
    return status;
}

static cvy_status end_epoch(cvy_training *t, cvy_epoch *epoch, const cvy_progress *progress)
{
    cvy_status status = validate(t, epoch);

    if (status == CVY_OK)
        status = check_epoch(t, epoch);
    if (status == CVY_OK)
        status = cvy_hooks_epoch_end(&t->hooks, epoch);
    if (status == CVY_OK && cvy_schedule_is_constant(&t->schedule))
        cvy_schedule_set_constant(&t->schedule, t->hooks.run.learning_rate);
    if (status == CVY_OK && t->settings.on_epoch != NULL)
        status = cvy_training_show(t, t->settings.on_epoch, progress, epoch);
    return status;
}

/* Whether the run ends inside this epoch: it was stopped, or has no updates left. */
static bool ends_inside(const cvy_training *t)
{
    return t->history->is_stopped || t->running.steps < cvy_steps_per_epoch(&t->task);
}

/* Finish an epoch after its steps. If the run ends inside it, save a checkpoint at this position,
 * so that a longer run can continue from it. A stopped epoch with a checkpoint skips validation and
 * callbacks, which belong to its end. */
static cvy_status leave_epoch(cvy_training *t, cvy_epoch *epoch)
{
    cvy_progress progress = cvy_training_progress(t, &t->running);
    const bool has_checkpoints = t->settings.checkpoint_folder != NULL;

    if (ends_inside(t) && !t->has_diverged) {
        cvy_saver_finish(t);
        t->is_saved = true;
        if (t->history->is_stopped && has_checkpoints)
            return CVY_OK;
    }
    cvy_status status = end_epoch(t, epoch, &progress);
    if (status == CVY_ERR_STOPPED) { /* during validation */
        t->history->is_stopped = true;
        cvy_saver_finish(t);
        t->is_saved = true;
        if (has_checkpoints)
            return CVY_OK;
        status = CVY_OK;
    }
    if (status == CVY_OK)
        cvy_training_report_epoch(t, epoch, &progress);
    return status;
}

/* Move on to the next epoch, and save a checkpoint if one is due. */
static void finish_epoch(cvy_training *t, size_t index)
{
    if (t->is_saved || t->has_diverged)
        return;
    t->finished = index + 1;
    t->running = t->evaluated = (cvy_running){ 0 };
    t->epoch_seconds = 0;
    cvy_saver_epoch_end(t, &t->results->epochs[index]);
    cvy_saver_save_if_due(t);
}

/* Run an epoch or the rest of one: steps, record, validation, callbacks, report. */
static cvy_status run_epoch(cvy_training *t, size_t index)
{
    cvy_history *history = t->history;
    cvy_epoch *epoch = &t->results->epochs[index];

    t->epoch_start = cvy_clock_seconds() - t->epoch_seconds;
    t->steps_before = history->steps - t->running.steps;
    history->epoch_count = index + 1;
    t->results->epoch_list[index] = epoch;
    if (t->running.steps > 0)
        cvy_training_describe_epoch(t, index, &t->running, t->epoch_seconds);
    cvy_status status = run_steps(t, index);
    if (status == CVY_ERR_DIVERGED && t->running.steps == 0)
        history->epoch_count = index;
    if (status == CVY_OK)
        status = leave_epoch(t, epoch);
    cvy_hooks_tell(&t->hooks);
    if (status == CVY_OK)
        finish_epoch(t, index);
    return status;
}

/* Begin: callbacks open their files, then the model changes.
 * After this a failure leaves it partly trained. */
static cvy_status begin(cvy_training *t)
{
    cvy_status status =
        cvy_hooks_begin(&t->hooks, t->model, t->data, cvy_schedule_rate(&t->schedule, 0),
                        t->checkpoint != NULL, t->results);

    if (status == CVY_OK)
        status = cvy_saver_begin(t);
    if (status == CVY_OK)
        status = cvy_resume_read(t);
    status = cvy_comm_agree(t->settings.comm, status);
    if (status == CVY_OK) {
        cvy_training_take_over(t);
        cvy_resume_go_on(t);
        cvy_observer_begin(&t->observer, &t->stepper);
    }
    t->start = cvy_clock_seconds();
    return status;
}

static bool is_over(const cvy_training *t)
{
    return t->finished >= t->settings.epochs || t->history->steps >= t->steps_total ||
           t->history->is_stopped || t->hooks.run.is_stopping || t->has_diverged;
}

/* Run all epochs with one team of workers. Also enter an epoch that
 * was resumed after its last step. */
static cvy_status run_epochs(void *context, cvy_team *team)
{
    cvy_training *t = context;

    t->team = team;
    cvy_status status = begin(t);
    for (bool is_inside = t->running.steps > 0; status == CVY_OK && (is_inside || !is_over(t));
         is_inside = false)
        status = run_epoch(t, t->finished);
    if (status == CVY_OK && !t->is_saved && !t->has_diverged)
        cvy_saver_finish(t);
    if (status == CVY_OK && !t->has_diverged)
        cvy_stepper_finish(&t->stepper);
    if (status == CVY_OK)
        status = cvy_hooks_end(&t->hooks);
    cvy_hooks_tell(&t->hooks);
    t->history->skipped_steps = t->stepper.guard.skipped;
    t->history->is_stopped = t->history->is_stopped || t->has_diverged;
    if (status != CVY_OK)
        return status;
    status = check_weights(t);
    if (status == CVY_OK)
        status = check_end(t);
    if (status == CVY_ERR_DIVERGED)
        recover(t);
    return status;
}

cvy_status cvy_train(cvy_model *model, const cvy_dataset *data, const cvy_train_settings *settings,
                     cvy_history **history)
{
    cvy_training t = { 0 };

    CVY_REQUIRE(model);
    CVY_REQUIRE(data);
    cvy_status status = cvy_training_prepare(&t, model, data, settings);
    cvy_dataset_expect_random_order(data);
    status = cvy_comm_agree(t.settings.comm, status);
    if (status == CVY_OK)
        status = cvy_team_run(t.settings.threads, t.settings.bind, run_epochs, &t);
    if (status == CVY_OK)
        status = cvy_record_training(model, data, &t.settings, t.history);
    if (history != NULL && (status == CVY_OK || status == CVY_ERR_DIVERGED)) {
        *history = t.history;
        t.history = NULL;
    }
    cvy_training_release(&t);
    return status;
}
