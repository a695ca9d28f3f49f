/* Everything before the first step: checks, choices, allocation. Only cvy_training_take_over(),
 * which cannot fail, changes the model. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "convoy/preparation.h"
#include "model/objective.h"
#include "train/adapt.h"
#include "train/alike.h"
#include "train/check.h"
#include "train/class_weights.h"
#include "train/preprocessing.h"
#include "train/resume.h"
#include "train/train_settings.h"
#include "train/training.h"

/* As in Keras, validation_split = f keeps the first floor(n (1 - f)) images for training and
 * validates on the rest. Without it, the data set's own validation part is used. */
static cvy_status choose_images(cvy_training *t, const cvy_dataset *data)
{
    const cvy_train_settings *s = &t->settings;
    const size_t bytes = data->height * data->width * data->channels;
    size_t count = data->train.count;

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
    const cvy_train_settings *s = &t->settings;
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
    t->task.schedule = &t->schedule;
    return status;
}

static cvy_status choose_kernels(cvy_training *t)
{
    cvy_status status = cvy_compute_choose(&t->task.compute);

    return status == CVY_OK
               ? cvy_gemm_check_workers(t->task.compute.gemm, "threads", t->settings.threads)
               : status;
}

/* Describe the task for the stepper, once images and update rule are chosen. */
static void fill_task(cvy_training *t)
{
    const cvy_train_settings *s = &t->settings;
    const size_t count = t->task.images.count;

    t->task.class_weights = t->class_weights;
    t->task.metrics = &t->metrics;
    t->task.batch_size = s->batch_size == 0 || s->batch_size > count ? count : s->batch_size;
    t->task.threads = s->threads;
    t->task.seed = s->seed;
    t->task.on_nan = s->on_nan;
    t->task.keeps_gradients = s->on_update != NULL;
    t->task.comm = s->comm;
    t->task.wire = s->wire;
    t->task.fast_reduce = s->fast_reduce && cvy_comm_size(s->comm) > 1;
    t->steps_total = s->epochs * cvy_steps_per_epoch(&t->task);
    if (s->steps > 0 && s->steps < t->steps_total)
        t->steps_total = s->steps;
    cvy_schedule_start(&t->schedule,
                       (cvy_schedule_run){ cvy_steps_per_epoch(&t->task), t->steps_total });
}

static cvy_status choose_data(cvy_training *t, const cvy_dataset *data)
{
    cvy_status status = choose_images(t, data);

    if (status == CVY_OK)
        status = cvy_class_weights_read(t->settings.class_weight, data, t->task.labels,
                                        t->task.images.count, &t->class_weights);
    if (status == CVY_OK)
        fill_task(t);
    return status;
}

/* Without a model, assume that it has an accuracy; without data, that there is validation. */
static cvy_status create_hooks(cvy_training *t, const cvy_model *model, const cvy_dataset *data)
{
    const bool has_accuracy = model == NULL || cvy_model_output_count(model) > 1;
    const bool has_validation = data == NULL || t->validation.count > 0;

    return cvy_hooks_create(&t->settings, &t->metrics, has_accuracy, has_validation,
                            !cvy_schedule_is_constant(&t->schedule), &t->hooks);
}

/* Print the augmentation that a layer leaves to training (layers/mixing.c),
 * with the layer's settings. */
static void print_mixing(const cvy_layer *layer, char *text, size_t size)
{
    const cvy_kind *kind = cvy_kind_find(cvy_augmentation_kinds, layer->kind->mixes);
    char value[CVY_NAME_BYTES];
    size_t length = (size_t)snprintf(text, size, "%s", kind->name);

    for (const cvy_setting *row = kind->settings; row->name != NULL && length < size; row++) {
        const cvy_setting *of_layer = cvy_setting_find(layer->kind->kind.settings, row->name);
        cvy_setting_print(of_layer, layer->settings, value, sizeof value);
        length += (size_t)snprintf(text + length, size - length, "%c%s=%s",
                                   row == kind->settings ? ':' : ',', row->name, value);
    }
}

static cvy_status take_mixing_layers(const cvy_model *model, cvy_augmenter *augmenter)
{
    char spec[2 * CVY_NAME_BYTES];
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (layer->kind->mixes == NULL)
            continue;
        print_mixing(layer, spec, sizeof spec);
        status = cvy_augmenter_add(augmenter, spec);
        if (status != CVY_OK)
            status = cvy_fail_at(status, "%s: layer %s (%s)", model->name, layer->name,
                                 layer->kind->class_name);
    }
    return status;
}

static cvy_status choose_augmentations(cvy_training *t, const cvy_model *model,
                                       const cvy_dataset *data)
{
    const cvy_train_settings *s = &t->settings;
    cvy_status status =
        cvy_augmenter_read(s->augmentations, s->augmentation_count, s->seed, &t->augmenter);

    if (status == CVY_OK && model != NULL)
        status = take_mixing_layers(model, &t->augmenter);
    t->task.augmenter = t->augmenter.count > 0 ? &t->augmenter : NULL;
    if (data != NULL)
        t->task.form = (cvy_image_form){ data->height, data->width, data->channels };
    return status;
}

enum { SOME_OUTPUTS = 10 }; /* to check metrics without a model */

cvy_status cvy_training_choose(cvy_training *t, const cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings)
{
    cvy_status status = cvy_settings_take(settings, &t->settings);

    if (status == CVY_OK)
        status = cvy_settings_check(&t->settings);
    if (status == CVY_OK && model != NULL && data != NULL)
        status = cvy_check_fit(model, data);
    if (status == CVY_OK && (model != NULL || t->settings.loss != NULL))
        status = cvy_model_read_loss(model, t->settings.loss, &t->takeover.loss);
    if (status == CVY_OK && model != NULL && data != NULL)
        status = cvy_check_labels(model, &t->takeover.loss, data);
    if (status == CVY_OK)
        status = cvy_metrics_read(t->settings.metrics,
                                  model != NULL ? cvy_model_output_count(model) : SOME_OUTPUTS,
                                  &t->metrics);
    if (status == CVY_OK)
        status = choose_rule(t);
    if (status == CVY_OK)
        status = choose_augmentations(t, model, data);
    if (status == CVY_OK && data != NULL)
        status = choose_data(t, data);
    if (status == CVY_OK)
        status = choose_kernels(t);
    if (status == CVY_OK)
        status = create_hooks(t, model, data);
    t->task.model = model;
    t->task.loss = &t->takeover.loss;
    if (status == CVY_OK && model != NULL && data != NULL)
        status = cvy_stepper_check(&t->task);
    return status;
}

/* --- allocation --- */

static cvy_status prepare_class_names(cvy_training *t)
{
    const cvy_dataset *data = t->data;
    const bool is_classifier = cvy_model_output_count(t->model) > 1;
    const size_t count = is_classifier ? data->class_count : 0;
    cvy_class_text *names;
    cvy_status status = cvy_memory_create(count, sizeof *names, &names);

    for (size_t i = 0; status == CVY_OK && i < count; i++)
        cvy_utf8_fit(names[i], sizeof names[i], data->class_names[i]);
    t->takeover.class_names = names;
    t->takeover.class_count = count;
    return status;
}

/* Choose the scale of pixels and the preparation of images. Weights that are kept were trained with
 * the model's present scale, so they keep it, and the preparation too if it is known. */
static cvy_status prepare_pixels(const cvy_training *t, cvy_takeover *takeover)
{
    const char *normalize = t->settings.normalize;
    const bool is_kept = t->settings.keep_weights && normalize == NULL;
    cvy_image_run images = t->task.images;
    cvy_status status = CVY_OK;

    takeover->pixel_scale = t->model->pixel_scale;
    takeover->pixel_offset = t->model->pixel_offset;
    takeover->preparation = t->model->preparation;
    images.comm = t->settings.comm;
    if (!is_kept &&
        !cvy_model_scales_input(t->model)) /* else it takes bytes, as set when it was read */
        status = cvy_preprocessing_choose(images, normalize, &takeover->pixel_scale,
                                          &takeover->pixel_offset);
    if (status != CVY_OK || (is_kept && cvy_model_normalization(t->model) != NULL))
        return status;
    if (is_kept)
        normalize = cvy_preprocessing_name(takeover->pixel_scale, takeover->pixel_offset);
    cvy_preparation_take(t->data, normalize, &takeover->preparation);
    return CVY_OK;
}

static cvy_status prepare_takeover(cvy_training *t)
{
    cvy_takeover *takeover = &t->takeover;
    cvy_status status = prepare_pixels(t, takeover); /* first, since all ranks must take part */

    if (status == CVY_OK)
        status = prepare_class_names(t);
    if (status != CVY_OK)
        return status;
    if (t->settings.keep_weights)
        return CVY_OK;
    status =
        cvy_memory_create(t->model->block_floats, sizeof *takeover->weights, &takeover->weights);
    if (status == CVY_OK)
        status = cvy_model_draw(t->model, t->settings.seed, takeover->weights);
    return status == CVY_OK ? cvy_adapt_normalization(t->model, t->task.images,
                                                      takeover->pixel_scale, takeover->weights)
                            : status;
}

static cvy_status prepare_times(cvy_training *t)
{
    cvy_results *r = t->results;
    const size_t warm_up = t->settings.warm_up;

    r->times.warm_up = warm_up;
    t->history->times = t->task.times = &r->times;
    t->task.step_room = t->steps_total > warm_up ? t->steps_total - warm_up : 0;
    cvy_status status =
        cvy_memory_create(t->task.step_room, sizeof *r->step_seconds, &r->step_seconds);
    t->task.step_seconds = r->step_seconds;
    return status;
}

static cvy_status prepare_results(cvy_training *t)
{
    const size_t per_epoch = cvy_steps_per_epoch(&t->task);
    const size_t needed = (t->steps_total + per_epoch - 1) / per_epoch;
    /* if the batch size has changed, epochs and updates need not agree */
    cvy_status status =
        cvy_results_create(t->settings.resume_anyway ? t->settings.epochs : needed, &t->results);

    if (status != CVY_OK)
        return status;
    cvy_results *r = t->results;
    t->history = &r->history;
    cvy_spec_print(&t->task.optimizer->kind, t->optimizer_settings, r->optimizer,
                   sizeof r->optimizer);
    cvy_spec_print(&t->schedule.kind->kind, t->schedule.settings, r->learning_rate,
                   sizeof r->learning_rate);
    cvy_spec_print_brief(&t->takeover.loss.kind->kind, t->takeover.loss.settings, r->loss,
                         sizeof r->loss);
    t->history->train_count = t->task.images.count;
    t->history->validation_count = t->validation.count;
    t->history->batch_size = t->task.batch_size;
    t->history->gemm = cvy_gemm_label(t->task.compute.gemm);
    t->history->isa = t->task.compute.kernels->name;
    return t->settings.measure_times ? prepare_times(t) : CVY_OK;
}

cvy_status cvy_training_prepare(cvy_training *t, cvy_model *model, const cvy_dataset *data,
                                const cvy_train_settings *settings)
{
    t->model = model;
    t->data = data;
    cvy_status status = cvy_training_choose(t, model, data, settings);
    if (status == CVY_OK)
        status = prepare_results(t);
    status = cvy_comm_agree(t->settings.comm, status);
    if (status == CVY_OK)
        status = cvy_alike_check(t);
    if (status == CVY_OK)
        status = prepare_takeover(t);
    if (status == CVY_OK)
        status = cvy_stepper_create(&t->task, &t->stepper);
    if (status == CVY_OK)
        status = cvy_observer_create(&t->settings, &t->stepper, &t->observer);
    status = cvy_comm_agree(t->settings.comm, status);
    return status == CVY_OK ? cvy_resume_choose(t) : status;
}

void cvy_training_take_over(cvy_training *t)
{
    cvy_takeover *takeover = &t->takeover;
    cvy_model *model = t->model;

    cvy_model_take_loss(model, &takeover->loss);
    t->task.loss = cvy_model_loss(model);
    cvy_memory_free(model->class_names);
    model->class_names = takeover->class_names;
    model->class_count = takeover->class_count;
    takeover->class_names = NULL;
    model->pixel_scale = takeover->pixel_scale;
    model->pixel_offset = takeover->pixel_offset;
    model->preparation = takeover->preparation;
    if (takeover->weights != NULL)
        memcpy(model->weights, takeover->weights, model->block_floats * sizeof *model->weights);
    cvy_memory_free(takeover->weights);
    takeover->weights = NULL;
    cvy_stepper_start(&t->stepper);
}

void cvy_training_release(cvy_training *t)
{
    cvy_observer_release(&t->observer);
    cvy_saver_release(&t->saver);
    cvy_resume_release(t);
    cvy_stepper_release(&t->stepper);
    cvy_hooks_release(&t->hooks);
    cvy_loss_release(&t->takeover.loss);
    cvy_memory_free(t->takeover.weights);
    cvy_memory_free(t->takeover.class_names);
    cvy_memory_free(t->class_weights);
    cvy_augmenter_release(&t->augmenter);
    cvy_metrics_release(&t->metrics);
    cvy_schedule_release(&t->schedule);
    cvy_memory_free(t->optimizer_settings);
    cvy_history_destroy(t->history);
}
