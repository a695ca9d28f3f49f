#include "train/moments.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"

static const double seconds_between_reports = 0.1;

static double mean_accuracy(const cvy_training *t, const cvy_running *running)
{
    if (cvy_model_output_count(t->model) == 1)
        return NAN;
    return (double)running->correct / (double)running->samples;
}

cvy_progress cvy_training_progress(const cvy_training *t, const cvy_running *running)
{
    const double now = cvy_clock_seconds();
    return (cvy_progress){
        .epoch = t->history->epoch_count,
        .epoch_count = t->settings.epochs,
        .step = running->steps,
        .steps_per_epoch = cvy_steps_per_epoch(&t->task),
        .steps_done = t->steps_before + running->steps,
        .steps_total = t->steps_total,
        .seconds = now - t->start,
        .images_per_second = (double)running->samples / fmax(now - t->epoch_start, 1e-9),
        .loss = running->loss / (double)running->samples,
        .accuracy = mean_accuracy(t, running),
    };
}

static bool is_stop_requested(const cvy_training *t)
{
    return t->settings.stop_requested != NULL && t->settings.stop_requested(t->settings.context);
}

bool cvy_training_goes_on(cvy_training *t, bool is_wanted)
{
    if (t->settings.comm == NULL)
        return is_wanted;
    if (!is_wanted)
        atomic_store_explicit(&t->stepper.ranks.wants_stop, true, memory_order_relaxed);
    return true;
}

bool cvy_training_report_step(void *context, const cvy_running *running)
{
    cvy_training *t = context;
    const double now = cvy_clock_seconds();

    if (t->stepper.ranks.is_stopping || !cvy_training_goes_on(t, !is_stop_requested(t)))
        return false;
    if (cvy_saver_is_due(t, now)) {
        t->is_pausing = true;
        return false;
    }
    if (t->settings.on_progress == NULL || now - t->last_report < seconds_between_reports)
        return true;
    t->last_report = now;
    const cvy_progress progress = cvy_training_progress(t, running);
    return cvy_training_goes_on(t, t->settings.on_progress(t->settings.context, &progress));
}

static void describe_metrics(const cvy_training *t, cvy_epoch *epoch)
{
    double values[CVY_METRICS_COUNT_MAX];

    if (t->metrics.count == 0)
        return;
    cvy_metrics_results(&t->metrics, t->stepper.metric_sums, values);
    epoch->metric_count = t->metrics.count;
    for (size_t i = 0; i < t->metrics.count; i++) {
        cvy_metric_value *value = &epoch->metrics[i];
        snprintf(value->name, sizeof value->name, "%s", t->metrics.items[i].name);
        value->value = values[i];
        value->val_value = NAN;
    }
}

void cvy_training_describe_epoch(cvy_training *t, size_t index, const cvy_running *running,
                                 double seconds)
{
    const size_t updates = t->steps_before + running->steps;

    t->history->steps = updates;
    t->results->epochs[index] = (cvy_epoch){
        .epoch = index + 1,
        .steps = running->steps,
        .learning_rate = cvy_schedule_rate(&t->schedule, updates > 0 ? updates - 1 : 0),
        .loss = running->loss / (double)running->samples,
        .accuracy = mean_accuracy(t, running),
        .seconds = seconds,
        .images_per_second = (double)running->samples / fmax(seconds, 1e-9),
    };
    describe_metrics(t, &t->results->epochs[index]);
}

cvy_epoch cvy_training_since_evaluation(cvy_training *t, const cvy_epoch *epoch,
                                        const cvy_running *running)
{
    const cvy_running part = {
        .samples = running->samples - t->evaluated.samples,
        .correct = running->correct - t->evaluated.correct,
        .loss = running->loss - t->evaluated.loss,
    };
    cvy_epoch told = *epoch;

    if (part.samples > 0) { /* 0 if training was stopped at the last evaluation */
        told.loss = part.loss / (double)part.samples;
        told.accuracy = mean_accuracy(t, &part);
    }
    t->evaluated = *running;
    return told;
}

cvy_status cvy_training_show(cvy_training *t, void (*function)(void *, cvy_moment *),
                             const cvy_progress *progress, const cvy_epoch *epoch)
{
    cvy_callback_run *run = &t->hooks.run;
    cvy_moment moment = {
        .progress = progress,
        .epoch = epoch,
        .learning_rate = run->has_schedule ? cvy_schedule_rate(&t->schedule, t->history->steps)
                                           : run->learning_rate,
        .has_schedule = run->has_schedule,
        .is_stopping = run->is_stopping,
    };

    function(t->settings.context, &moment);
    t->history->is_stopped = t->history->is_stopped || (moment.is_stopping && !run->is_stopping);
    if (run->has_schedule || moment.learning_rate == run->learning_rate)
        return CVY_OK;
    if (!(moment.learning_rate >= 0 && isfinite(moment.learning_rate)))
        return cvy_fail(
            CVY_ERR_SETTING,
            "learning_rate: a callback set it to %g, expected a finite number, at least "
            "0",
            moment.learning_rate);
    run->learning_rate = moment.learning_rate;
    cvy_schedule_set_constant(&t->schedule, run->learning_rate);
    return CVY_OK;
}

cvy_status cvy_training_show_step(cvy_training *t, const cvy_running *running)
{
    const cvy_train_settings *s = &t->settings;

    if (s->on_step == NULL || s->step_every == 0 || running->steps % s->step_every != 0)
        return CVY_OK;
    const cvy_progress progress = cvy_training_progress(t, running);
    return cvy_training_show(t, s->on_step, &progress, NULL);
}

void cvy_training_report_epoch(cvy_training *t, const cvy_epoch *epoch, cvy_progress *progress)
{
    if (t->settings.on_progress == NULL)
        return;
    const cvy_epoch told = cvy_training_since_evaluation(t, epoch, &t->running);
    progress->is_epoch_end = true;
    progress->finished = epoch;
    progress->evaluated = &told;
    if (!cvy_training_goes_on(t, t->settings.on_progress(t->settings.context, progress)))
        t->history->is_stopped = true;
}
