/* Everything in front of the first step: checks, choices, allocation. */
#include <math.h>

#include "base/memory.h"
#include "model/objective.h"
#include "train/check.h"
#include "train/class_weights.h"
#include "train/preprocessing.h"
#include "train/training.h"

/* Keras: with validation_split the validation part is the end of the training images, and the
 * training part floor(n (1 - f)). Without it, the data set's own validation part is used. */
static cvy_status choose_images(cvy_training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = t->settings;
    const size_t bytes = cvy_shape_count(t->model->input);
    size_t count = data->train.count;

    if (!(s->validation_split >= 0 && s->validation_split < 1))
        return cvy_fail(CVY_ERR_SETTING, "validation_split: found %g, expected a number in [0, 1)",
                        s->validation_split);
    if (count == 0)
        return cvy_fail(CVY_ERR_DATA, "%s: no training images in it", data->name);
    if (s->limit > 0 && s->limit < count)
        count = s->limit;
    if (count > (size_t)1 << 31)
        return cvy_fail(CVY_ERR_DATA, "%s: %zu images, expected at most 2^31", data->name, count);
    const size_t trained = (size_t)floor((double)count * (1 - s->validation_split));
    if (trained < 1)
        return cvy_fail(CVY_ERR_DATA,
                        "%s: no images are left to train on (%zu, validation_split %g)", data->name,
                        count, s->validation_split);
    t->task.images = cvy_image_run_of(&data->train, bytes, 0, trained);
    t->task.labels = data->train.labels;
    if (count > trained || data->validation.count == 0) {
        t->validation = cvy_image_run_of(&data->train, bytes, trained, count - trained);
        t->validation_labels = data->train.labels + trained;
    } else {
        t->validation = cvy_image_run_of(&data->validation, bytes, 0, data->validation.count);
        t->validation_labels = data->validation.labels;
    }
    return CVY_OK;
}

static cvy_status choose_rule(cvy_training *t)
{
    const cvy_train_settings *s = t->settings;
    char rate[64];
    cvy_status status =
        cvy_optimizer_read(s->optimizer, &t->task.optimizer, &t->optimizer_settings);

    if (status != CVY_OK)
        return status;
    const cvy_kind *kind = &t->task.optimizer->kind;
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

/* What steps need to know, once images, rule and kernels are chosen. */
static void fill_task(cvy_training *t)
{
    const cvy_train_settings *s = t->settings;
    const size_t count = t->task.images.count;

    t->task.model = t->model;
    t->task.loss = cvy_model_loss(t->model);
    t->task.class_weights = t->class_weights;
    t->task.metrics = &t->metrics;
    t->task.batch_size = s->batch_size == 0 || s->batch_size > count ? count : s->batch_size;
    t->task.threads = s->threads;
    t->task.times = s->times;
    t->task.seed = s->seed;
    t->steps_total = s->epochs * cvy_steps_per_epoch(&t->task);
    if (s->steps > 0 && s->steps < t->steps_total)
        t->steps_total = s->steps;
    cvy_schedule_start(&t->schedule,
                       (cvy_schedule_run){ cvy_steps_per_epoch(&t->task), t->steps_total });
}

static cvy_status choose(cvy_training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = t->settings;
    cvy_status status = cvy_model_set_loss(t->model, s->loss);

    if (status == CVY_OK)
        status = cvy_metrics_read(s->metrics, cvy_model_output_count(t->model), &t->metrics);
    if (status == CVY_OK)
        status = choose_rule(t);
    if (status == CVY_OK)
        status = choose_images(t, data);
    if (status == CVY_OK)
        status = cvy_compute_choose(&t->task.compute);
    if (status == CVY_OK)
        status = cvy_gemm_check_workers(t->task.compute.gemm, "threads", s->threads);
    if (status == CVY_OK)
        status = cvy_class_weights_read(s->class_weight, data, t->task.labels, t->task.images.count,
                                        &t->class_weights);
    if (status == CVY_OK)
        status =
            cvy_hooks_create(t->model, data, s, !cvy_schedule_is_constant(&t->schedule), &t->hooks);
    return status == CVY_OK ? take_class_names(t->model, data) : status;
}

cvy_status cvy_training_prepare(cvy_training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = t->settings;
    cvy_status status = cvy_check_fit(t->model, data);

    if (s->epochs < 1)
        return cvy_fail(CVY_ERR_SETTING, "epochs: found 0, expected at least 1");
    if (s->threads < 1)
        return cvy_fail(CVY_ERR_SETTING, "threads: found 0, expected at least 1");
    if (status == CVY_OK)
        status = choose(t, data);
    if (status != CVY_OK)
        return status;
    fill_task(t);
    if (!s->keep_weights) {
        cvy_preprocessing_choose(t->task.images, t->model);
        status = cvy_model_initialize(t->model, s->seed);
    }
    if (status == CVY_OK)
        status = cvy_stepper_create(&t->task, &t->stepper);
    return status == CVY_OK
               ? cvy_hooks_begin(&t->hooks, cvy_schedule_rate(&t->schedule, 0), t->history)
               : status;
}

void cvy_training_release(cvy_training *t)
{
    cvy_stepper_release(&t->stepper);
    cvy_hooks_release(&t->hooks);
    cvy_memory_free(t->class_weights);
    cvy_metrics_release(&t->metrics);
    cvy_schedule_release(&t->schedule);
    cvy_memory_free(t->optimizer_settings);
}
