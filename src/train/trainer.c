/* A whole training run: check, prepare, epochs with validation, history. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "convoy/train.h"
#include "model/objective.h"
#include "train/check.h"
#include "train/record.h"
#include "train/score.h"
#include "train/step.h"

static const double seconds_between_reports = 0.1;

cvy_train_settings cvy_train_defaults(void)
{
    return (cvy_train_settings){
        .optimizer = "adam",
        .loss = "sparse_categorical_crossentropy",
        .epochs = 5,
        .batch_size = 64,
        .threads = 1,
    };
}

/* One run. */
typedef struct {
    const cvy_train_settings *settings;
    cvy_history *history;
    cvy_model *model;
    cvy_task task;
    cvy_schedule schedule;
    void *optimizer_settings;
    cvy_stepper stepper;
    cvy_image_run validation;
    const uint16_t *validation_labels;
    size_t steps_total;
    double start, epoch_start, last_report; /* seconds */
} training;

/* Keras: the validation part is the end of the data, the training part floor(n (1 - f)). */
static cvy_status choose_images(training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = t->settings;
    const size_t bytes = cvy_shape_count(t->model->input);
    size_t count = data->train.count;

    if (!(s->validation_split >= 0 && s->validation_split < 1))
        return cvy_fail(CVY_ERR_SETTING, "validation_split: found %g, expected a number in [0, 1)",
                        s->validation_split);
    if (s->limit > 0 && s->limit < count)
        count = s->limit;
    if (count > (size_t)1 << 31)
        return cvy_fail(CVY_ERR_DATA, "%s: %zu images, expected at most 2^31", data->name, count);
    const size_t trained = (size_t)floor((double)count * (1 - s->validation_split));
    if (trained < 1)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: no images are left to train on (%zu, validation_split %g)", data->name,
                        count, s->validation_split);
    t->task.images = (cvy_image_run){ data->train.pixels, bytes, trained };
    t->task.labels = data->train.labels;
    t->validation = (cvy_image_run){ data->train.pixels + trained * bytes, bytes, count - trained };
    t->validation_labels = data->train.labels + trained;
    return CVY_OK;
}

/* Standardise: subtract the mean of all training pixels and divide by their standard deviation.
 * Sums of bytes are whole numbers, so they are exact. */
static void choose_preprocessing(const training *t, cvy_model *model)
{
    const uint8_t *pixels = t->task.images.pixels;
    const size_t count = t->task.images.count * t->task.images.image_bytes;
    uint64_t histogram[256] = { 0 };
    double sum = 0, squares = 0;

    for (size_t i = 0; i < count; i++)
        histogram[pixels[i]]++;
    for (size_t value = 0; value < 256; value++) {
        sum += (double)value * (double)histogram[value];
        squares += (double)(value * value) * (double)histogram[value];
    }
    const double mean = sum / (double)count;
    const double variance = squares / (double)count - mean * mean;
    const double deviation = variance > 0.25 ? sqrt(variance) : 255; /* pictures of one colour */
    model->pixel_scale = (float)(1 / deviation);
    model->pixel_offset = (float)(-mean / deviation);
}

static cvy_status choose_rule(training *t)
{
    const cvy_train_settings *s = t->settings;
    const cvy_kind *kind;
    char rate[64];
    cvy_status status = cvy_spec_read("optimizer", s->optimizer, cvy_optimizer_kinds, &kind,
                                      &t->optimizer_settings);

    if (status != CVY_OK)
        return status;
    t->task.optimizer = (const cvy_optimizer_kind *)kind;
    t->task.optimizer_settings = t->optimizer_settings;
    cvy_setting_print(cvy_setting_find(kind->settings, "learning_rate"), t->optimizer_settings,
                      rate, sizeof rate);
    status = cvy_schedule_read(s->learning_rate != NULL ? s->learning_rate : rate, &t->schedule);
    if (status != CVY_OK)
        return status;
    t->task.schedule = &t->schedule;
    cvy_spec_print(kind, t->optimizer_settings, t->history->optimizer,
                   sizeof t->history->optimizer);
    cvy_spec_print(&t->schedule.kind->kind, t->schedule.settings, t->history->learning_rate,
                   sizeof t->history->learning_rate);
    return CVY_OK;
}

static cvy_status take_class_names(cvy_model *model, const cvy_dataset *data)
{
    const char *names[CVY_CLASSES_MAX];

    if (cvy_model_output_count(model) == 1)
        return cvy_model_name_classes(model, 0, NULL);
    for (size_t i = 0; i < data->class_count; i++)
        names[i] = data->class_names[i];
    return cvy_model_name_classes(model, data->class_count, names);
}

static cvy_status prepare(training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = t->settings;
    cvy_status status = cvy_check_fit(t->model, data);

    if (s->epochs < 1)
        return cvy_fail(CVY_ERR_SETTING, "epochs: found 0, expected at least 1");
    if (s->threads < 1)
        return cvy_fail(CVY_ERR_SETTING, "threads: found 0, expected at least 1");
    if (status == CVY_OK)
        status = cvy_model_set_loss(t->model, s->loss);
    if (status == CVY_OK)
        status = choose_rule(t);
    if (status == CVY_OK)
        status = choose_images(t, data);
    if (status == CVY_OK)
        status = cvy_compute_choose(&t->task.compute);
    if (status == CVY_OK)
        status = take_class_names(t->model, data);
    if (status != CVY_OK)
        return status;

    const size_t count = t->task.images.count;
    t->task.model = t->model;
    t->task.loss = cvy_model_loss(t->model);
    t->task.batch_size = s->batch_size == 0 || s->batch_size > count ? count : s->batch_size;
    t->task.threads = s->threads;
    t->task.seed = s->seed;
    t->steps_total = s->epochs * cvy_steps_per_epoch(&t->task);
    if (s->steps > 0 && s->steps < t->steps_total)
        t->steps_total = s->steps;
    cvy_schedule_start(&t->schedule,
                       (cvy_schedule_run){ cvy_steps_per_epoch(&t->task), t->steps_total });
    if (!s->keep_weights) {
        choose_preprocessing(t, t->model);
        status = cvy_model_initialize(t->model, s->seed);
    }
    return status == CVY_OK ? cvy_stepper_create(&t->task, &t->stepper) : status;
}

static double mean_accuracy(const training *t, const cvy_running *running)
{
    if (cvy_model_output_count(t->model) == 1)
        return NAN;
    return (double)running->correct / (double)running->samples;
}

static cvy_progress describe(const training *t, const cvy_running *running)
{
    const double now = cvy_clock_seconds();
    return (cvy_progress){
        .epoch = t->history->epoch_count,
        .epoch_count = t->settings->epochs,
        .step = running->steps,
        .steps_per_epoch = cvy_steps_per_epoch(&t->task),
        .steps_done = t->history->steps + running->steps,
        .steps_total = t->steps_total,
        .seconds = now - t->start,
        .images_per_second = (double)running->samples / fmax(now - t->epoch_start, 1e-9),
        .loss = running->loss / (double)running->samples,
        .accuracy = mean_accuracy(t, running),
    };
}

static bool report_step(void *context, const cvy_running *running)
{
    training *t = context;
    const double now = cvy_clock_seconds();

    if (t->settings->on_progress == NULL || now - t->last_report < seconds_between_reports)
        return true;
    t->last_report = now;
    const cvy_progress progress = describe(t, running);
    return t->settings->on_progress(t->settings->context, &progress);
}

static cvy_status validate(const training *t, cvy_epoch *epoch)
{
    cvy_score score;

    if (t->validation.count == 0)
        return CVY_OK;
    cvy_status status = cvy_score_images(t->model, t->task.compute, t->validation,
                                         t->validation_labels, 1, t->settings->threads, &score);
    if (status == CVY_OK) {
        epoch->has_validation = true;
        epoch->val_loss = score.loss;
        epoch->val_accuracy = score.accuracy;
        cvy_score_release(&score);
    }
    return status;
}

/* The loss shows what an update did to the weights only in the next step. */
static cvy_status check_weights(const training *t)
{
    for (size_t i = 0; i < t->model->block_floats; i++)
        if (!isfinite(t->model->weights[i]))
            return cvy_fail(CVY_ERR_DIVERGED,
                            "a weight is not a finite number after update %zu (epoch %zu); a "
                            "smaller learning rate may help",
                            t->history->steps, t->history->epoch_count);
    return CVY_OK;
}

/* One epoch: its steps, its record, its validation, and the report of it. */
static cvy_status run_epoch(training *t, size_t index)
{
    cvy_history *history = t->history;
    cvy_epoch *epoch = &history->epochs[index];
    cvy_running running;

    t->epoch_start = cvy_clock_seconds();
    history->epoch_count = index + 1;
    cvy_status status = cvy_stepper_epoch(&t->stepper, index, t->steps_total - history->steps,
                                          report_step, t, &running);
    const double seconds = cvy_clock_seconds() - t->epoch_start;
    history->train_seconds += seconds;
    if (running.steps == 0) {
        history->epoch_count = index;
        return status;
    }
    *epoch = (cvy_epoch){
        .epoch = index + 1,
        .steps = running.steps,
        .learning_rate = cvy_schedule_rate(&t->schedule, history->steps + running.steps - 1),
        .loss = running.loss / (double)running.samples,
        .accuracy = mean_accuracy(t, &running),
        .seconds = seconds,
        .images_per_second = (double)running.samples / fmax(seconds, 1e-9),
    };
    cvy_progress progress = describe(t, &running);
    history->steps += running.steps;
    if (status == CVY_ERR_DIVERGED)
        return status;
    history->is_stopped = status == CVY_ERR_STOPPED;
    status = check_weights(t);
    if (status == CVY_OK)
        status = validate(t, epoch);
    if (status != CVY_OK || t->settings->on_progress == NULL)
        return status;
    progress.is_epoch_end = true;
    progress.finished = epoch;
    if (!t->settings->on_progress(t->settings->context, &progress))
        history->is_stopped = true;
    return CVY_OK;
}

static cvy_status run_epochs(training *t)
{
    cvy_history *history = t->history;
    cvy_status status =
        cvy_memory_create(t->settings->epochs, sizeof *history->epochs, &history->epochs);

    history->train_count = t->task.images.count;
    history->validation_count = t->validation.count;
    history->batch_size = t->task.batch_size;
    history->kernels = t->task.compute.gemm->name;
    history->instructions = t->task.compute.kernels->name;
    t->start = cvy_clock_seconds();
    for (size_t index = 0; status == CVY_OK && index < t->settings->epochs &&
                           history->steps < t->steps_total && !history->is_stopped;
         index++)
        status = run_epoch(t, index);
    return status;
}

cvy_status cvy_train(cvy_model *model, const cvy_dataset *data, const cvy_train_settings *settings,
                     cvy_history *history)
{
    training t = { .settings = settings, .history = history, .model = model };

    *history = (cvy_history){ 0 };
    cvy_status status = prepare(&t, data);
    if (status == CVY_OK)
        status = run_epochs(&t);
    if (status == CVY_OK)
        status = cvy_record_training(model, data, settings, history);
    cvy_stepper_release(&t.stepper);
    cvy_schedule_release(&t.schedule);
    cvy_memory_free(t.optimizer_settings);
    if (status != CVY_OK && status != CVY_ERR_DIVERGED)
        cvy_history_release(history);
    return status;
}

void cvy_history_release(cvy_history *history)
{
    cvy_memory_free(history->epochs);
    history->epochs = NULL;
    history->epoch_count = 0;
}
