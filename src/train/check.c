/* A dry run of the settings: the errors that training would return,
 * and the plan that it would follow. */
#include "train/check.h"

#include <stdio.h>

#include "base/memory.h"
#include "train/warnings.h"

/* "; --resize 32x32 --rgb gives them that form": the options that give images the model's shape. */
static void print_mend(const cvy_shape *images, const cvy_shape *wanted, char *text, size_t size)
{
    const bool has_size = images->dims[0] == wanted->dims[0] && images->dims[1] == wanted->dims[1];
    const size_t from = images->dims[2], to = wanted->dims[2];
    char resize[64] = "";

    if (from != to && !(from == 1 && to == 3) && !(from == 3 && to == 1))
        return;
    if (!has_size)
        snprintf(resize, sizeof resize, " --resize %zux%zu", wanted->dims[0], wanted->dims[1]);
    snprintf(text, size, ";%s%s gives them that form", resize,
             from == to ? ""
             : to == 1  ? " --grayscale"
                        : " --rgb");
}

cvy_status cvy_check_fit(const cvy_model *model, const cvy_dataset *data)
{
    const cvy_shape images = { 3, { data->height, data->width, data->channels } };
    const cvy_shape *wanted = &model->input;
    const size_t outputs = cvy_model_output_count(model);
    bool fits = wanted->rank == 1
                    ? wanted->dims[0] == cvy_shape_count(images)
                    : wanted->dims[0] == images.dims[0] && wanted->dims[1] == images.dims[1] &&
                          wanted->dims[2] == images.dims[2];
    if (!fits) {
        char found[64], expected[64];
        cvy_shape_print(images, found, sizeof found);
        cvy_shape_print(*wanted, expected, sizeof expected);
        char mend[128] = "";
        if (wanted->rank == 3)
            print_mend(&images, wanted, mend, sizeof mend);
        return cvy_fail(CVY_ERR_SHAPE, "%s: images of %s, but the model %s takes %s%s", data->name,
                        found, model->name, expected, mend);
    }
    if (outputs > 1 && data->class_count > outputs)
        return cvy_fail(CVY_ERR_SHAPE, "%s: %zu classes, but the model %s has %zu outputs",
                        data->name, data->class_count, model->name, outputs);
    return CVY_OK;
}

static unsigned highest_label(const cvy_dataset *data)
{
    const cvy_images *parts[] = { &data->train, &data->validation, &data->test };
    unsigned highest = 0;

    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        for (size_t i = 0; i < parts[p]->count; i++)
            highest = parts[p]->labels[i] > highest ? parts[p]->labels[i] : highest;
    return highest;
}

cvy_status cvy_check_labels(const cvy_model *model, const cvy_loss *loss, const cvy_dataset *data)
{
    if (cvy_model_output_count(model) > 1 || !loss->kind->is_yes_or_no)
        return CVY_OK;
    const unsigned highest = highest_label(data);
    if (highest <= 1)
        return CVY_OK;
    return cvy_fail(CVY_ERR_DATA,
                    "%s: labels up to %u, but the loss %s of the one output of %s takes 0 and 1\n"
                    "Give the model an output for each class and sparse_categorical_crossentropy, "
                    "or predict the label as a number with --loss mean_squared_error.",
                    data->name, highest, loss->kind->kind.name, model->name);
}

/* Callers of cvy_train_check() get a pointer to the first member. */
typedef struct {
    cvy_train_plan plan; /* must be first: it is cast back */
    char optimizer[CVY_OPTIMIZER_SPEC_BYTES], learning_rate[CVY_RATE_SPEC_BYTES];
    char loss[CVY_LOSS_TEXT_BYTES];
    cvy_warnings warnings;
    const char *warning_list[CVY_WARNINGS_MAX];
} plan_store;

static void fill_specs(const cvy_training *t, plan_store *store)
{
    const cvy_loss *loss = &t->takeover.loss;

    cvy_spec_print(&t->task.optimizer->kind, t->optimizer_settings, store->optimizer,
                   sizeof store->optimizer);
    cvy_spec_print(&t->schedule.kind->kind, t->schedule.settings, store->learning_rate,
                   sizeof store->learning_rate);
    store->plan.optimizer = store->optimizer;
    store->plan.learning_rate = store->learning_rate;
    if (loss->kind == NULL)
        return;
    cvy_spec_print(&loss->kind->kind, loss->settings, store->loss, sizeof store->loss);
    store->plan.loss = store->loss;
}

static cvy_status make_plan(const cvy_training *t, const cvy_model *model, cvy_train_plan **plan)
{
    plan_store *store;
    cvy_status status = cvy_memory_create(1, sizeof *store, &store);

    if (status != CVY_OK)
        return status;
    fill_specs(t, store);
    store->plan.has_schedule = !cvy_schedule_is_constant(&t->schedule);
    store->plan.gemm = cvy_gemm_label(t->task.compute.gemm);
    store->plan.isa = t->task.compute.kernels->name;
    store->plan.train_count = t->task.images.count;
    store->plan.validation_count = t->validation.count;
    store->plan.batch_size = t->task.batch_size;
    store->plan.steps_per_epoch = t->steps_total > 0 ? cvy_steps_per_epoch(&t->task) : 0;
    store->plan.steps = t->steps_total;
    cvy_warnings_find(t, model, &store->warnings);
    for (size_t i = 0; i < store->warnings.count; i++)
        store->warning_list[i] = store->warnings.texts[i];
    store->plan.warnings = store->warning_list;
    store->plan.warning_count = store->warnings.count;
    *plan = &store->plan;
    return CVY_OK;
}

cvy_status cvy_train_check(const cvy_model *model, const cvy_dataset *data,
                           const cvy_train_settings *settings, cvy_train_plan **plan)
{
    cvy_training t = { 0 };
    cvy_status status = cvy_training_choose(&t, model, data, settings);

    if (status == CVY_OK && plan != NULL)
        status = make_plan(&t, model, plan);
    cvy_training_release(&t);
    return status;
}

void cvy_train_plan_destroy(cvy_train_plan *plan)
{
    cvy_memory_free(plan);
}
