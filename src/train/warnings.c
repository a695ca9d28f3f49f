#include "train/warnings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"

static void warn(cvy_warnings *warnings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void warn(cvy_warnings *warnings, const char *format, ...)
{
    va_list arguments;

    if (warnings->count == CVY_WARNINGS_MAX)
        return;
    va_start(arguments, format);
    cvy_visible_format(warnings->texts[warnings->count++], CVY_WARNING_BYTES, format, arguments);
    va_end(arguments);
}

/* The value of a numeric setting; NaN if the kind has no such setting or it is not a number. */
static double value_of(const cvy_kind *kind, const void *settings, const char *name)
{
    const cvy_setting *row = cvy_setting_find(kind->settings, name);

    if (row == NULL)
        return NAN;
    const void *member = (const char *)settings + row->offset;
    return row->type == CVY_COUNT ? (double)*(const size_t *)member : *(const double *)member;
}

/* Whether the learning rate is zero at every update in float, the type of the weights. */
static bool is_always_zero(const cvy_training *t)
{
    for (size_t step = 0; step < t->steps_total; step++)
        if ((float)cvy_schedule_rate(&t->schedule, step) != 0)
            return false;
    return true;
}

static void look_at_schedule(const cvy_training *t, cvy_warnings *warnings)
{
    const cvy_kind *kind = &t->schedule.kind->kind;
    const void *settings = t->schedule.settings;
    const double warm_up = value_of(kind, settings, "warmup_steps");
    const double decay = value_of(kind, settings, "decay_steps");
    const double cycle = value_of(kind, settings, "total_steps");

    /* as in Keras, warmup_steps has no effect without a warmup_target */
    if (warm_up > 0 && cvy_setting_find(kind->settings, "warmup_target") != NULL &&
        isnan(value_of(kind, settings, "warmup_target")))
        warn(warnings, "learning rate: %s ignores warmup_steps=%.0f without a warmup_target",
             kind->name, warm_up);
    if (t->steps_total == 0)
        return;
    if (is_always_zero(t))
        warn(warnings, "learning rate: %s at every update; no weight will change",
             cvy_schedule_rate(&t->schedule, 0) == 0 ? "0" : "too small for a float");
    if (warm_up >= (double)t->steps_total)
        warn(warnings,
             "learning rate: %.0f warm-up steps, but training has %zu updates: it ends before the "
             "schedule begins",
             warm_up, t->steps_total);
    if ((strcmp(kind->name, "cosine_decay") == 0 || strcmp(kind->name, "polynomial_decay") == 0) &&
        decay + warm_up < (double)t->steps_total)
        warn(warnings,
             "learning rate: %s ends after %.0f of %zu updates, and stays at its last value from "
             "there on",
             kind->name, decay + warm_up, t->steps_total);
    if (cycle > 0 && cycle + warm_up < (double)t->steps_total)
        warn(warnings,
             "learning rate: %s ends after %.0f of %zu updates, and stays at its last value from "
             "there on",
             kind->name, cycle + warm_up, t->steps_total);
}

static void look_at_optimizer(const cvy_training *t, cvy_warnings *warnings)
{
    const cvy_optimizer_settings *common = t->optimizer_settings;
    const size_t calls = common->gradient_accumulation_steps;

    if (t->settings.learning_rate != NULL &&
        strstr(t->settings.optimizer, "learning_rate=") != NULL)
        warn(warnings,
             "the learning rate is given twice: %s is used, and learning_rate of the optimizer is "
             "ignored",
             t->settings.learning_rate);
    if (t->steps_total == 0)
        return;
    if (calls > t->steps_total)
        warn(warnings,
             "gradient_accumulation_steps is %zu, but training has %zu batches: the weights are "
             "never updated",
             calls, t->steps_total);
    if (common->use_ema && (double)t->steps_total < 3 / fmax(1 - common->ema_momentum, 1e-9))
        warn(warnings,
             "use_ema: the average spans about %.0f updates, and training has %zu: the weights at "
             "the end lag far behind those that validation sees",
             1 / fmax(1 - common->ema_momentum, 1e-9), t->steps_total);
}

/* Whether images are sorted by class: labels never decrease, and there is more than one. */
static bool is_sorted(const cvy_training *t)
{
    const uint16_t *labels = t->task.labels;
    const size_t count = t->task.images.count + t->validation.count;

    /* a separate validation part is not the end of the training images */
    if (t->validation_labels != labels + t->task.images.count)
        return false;

    for (size_t i = 1; i < count; i++)
        if (labels[i] < labels[i - 1])
            return false;
    return count > 0 && labels[0] != labels[count - 1];
}

static void look_at_data(const cvy_training *t, cvy_warnings *warnings)
{
    if (t->validation.count > 0 && is_sorted(t))
        warn(
            warnings,
            "the images are sorted by class, so the validation part, which is their end, has other "
            "classes than the training part");
}

/* Whether a pattern finds a trained weight by its name, "kernel", or by LAYER/NAME. */
static bool finds_any(const cvy_model *model, const char *pattern, bool is_path)
{
    char path[CVY_VARIABLE_PATH_BYTES];
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++) {
        if (weight.plan->is_state)
            continue;
        snprintf(path, sizeof path, "%s%s%s", is_path ? weight.layer->name : "", is_path ? "/" : "",
                 weight.plan->name);
        if (cvy_pattern_finds(pattern, path))
            return true;
    }
    return false;
}

/* Warn about patterns that match no weight. */
static void look_at_patterns(const cvy_training *t, const cvy_model *model, cvy_warnings *warnings)
{
    const cvy_kind *kind = &t->task.optimizer->kind;
    char list[CVY_NAME_BYTES], pattern[CVY_NAME_BYTES];

    for (const cvy_setting *row = kind->settings; row->name != NULL; row++) {
        const bool is_path = strcmp(row->name, "exclude_layers") == 0;
        if (!is_path && strcmp(row->name, "exclude_from_weight_decay") != 0)
            continue;
        cvy_setting_print(row, t->optimizer_settings, list, sizeof list);
        for (size_t at = 0; cvy_pattern_next(list, &at, pattern);)
            if (!finds_any(model, pattern, is_path))
                warn(warnings, "%s: \"%s\" matches no weight of %s, whose weights are called %s",
                     row->name, pattern, model->name,
                     is_path ? "LAYER/kernel, LAYER/bias" : "kernel, bias, gamma or beta");
    }
}

static void look_at_batch(const cvy_training *t, const cvy_model *model, cvy_warnings *warnings)
{
    bool has_batch_sums = false;

    for (size_t i = 0; i < model->layer_count; i++)
        has_batch_sums = has_batch_sums || model->layers[i].plan.batch_sums > 0;
    if (has_batch_sums && t->task.batch_size == 1)
        warn(warnings,
             "batch normalization of a batch of one image divides by a deviation that is 0 or of "
             "that image alone; expected a larger batch size");
}

void cvy_warnings_find(const cvy_training *t, const cvy_model *model, cvy_warnings *warnings)
{
    *warnings = (cvy_warnings){ 0 };
    look_at_schedule(t, warnings);
    look_at_optimizer(t, warnings);
    look_at_data(t, warnings);
    if (model != NULL)
        look_at_patterns(t, model, warnings);
    if (model != NULL && t->task.images.count > 0)
        look_at_batch(t, model, warnings);
}
