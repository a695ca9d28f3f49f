/* Reads compile_config of a Keras file: the loss is used, the optimizer is only recorded. */
#include "model/compile_config.h"

#include <stdio.h>
#include <string.h>

#include "base/letters.h"
#include "base/number.h"
#include "model/keras_json.h"
#include "model/objective.h"

enum { SPEC_BYTES = CVY_COMPILED_BYTES };

/* Compare only letters and digits, ignoring case:
 * "RMSprop", "rms_prop" and "rmsprop" are the same. */
static bool is_same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '_')
            a++;
        while (*b == '_')
            b++;
        if (cvy_lower(*a) != cvy_lower(*b))
            return false;
        if (*a == '\0')
            return true;
    }
}

/* Find a kind by the name of a class or function. */
static const cvy_kind *find_kind(const cvy_kind *const *kinds, const char *name)
{
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (is_same_name(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}

/* Print "name:key=value,..." with the settings that the kind has.
 * Text that does not fit is omitted. */
static void print_spec(const cvy_kind *kind, json_t *config, char spec[SPEC_BYTES])
{
    size_t length = (size_t)snprintf(spec, SPEC_BYTES, "%s", kind->name);
    const char *key, *separator = ":";
    char text[CVY_KERAS_VALUE_BYTES];
    json_t *value;

    json_object_foreach(config, key, value)
    {
        if (kind->settings == NULL || cvy_setting_find(kind->settings, key) == NULL ||
            json_is_null(value) || json_is_object(value))
            continue;
        cvy_keras_print_setting(key, value, text);
        const int more =
            snprintf(spec + length, SPEC_BYTES - length, "%s%s=%s", separator, key, text);
        if (more < 0 || (size_t)more >= SPEC_BYTES - length) {
            spec[length] = '\0';
            return;
        }
        length += (size_t)more;
        separator = ",";
    }
}

/* Return the only entry of a list, or of an object with one member per output. */
static json_t *only_entry(json_t *value)
{
    if (json_is_array(value) && json_array_size(value) == 1)
        return json_array_get(value, 0);
    if (json_is_object(value) && json_object_size(value) == 1)
        return json_object_iter_value(json_object_iter(value));
    return value;
}

/* Keep why the loss of the file cannot be used: --loss may name another. */
static void refuse_loss(cvy_model *model, const char *name, const char *why)
{
    snprintf(model->loss_refusal, sizeof model->loss_refusal,
             "compile_config: loss %.80s %s; choose one with --loss (convoy info --losses)", name,
             why);
}

static bool is_mean(json_t *reduction)
{
    const char *text = json_string_value(reduction);

    return text == NULL || strcmp(text, "auto") == 0 || strcmp(text, "sum_over_batch_size") == 0 ||
           strncmp(text, "mean", 4) == 0;
}

static void take_loss(cvy_model *model, json_t *given)
{
    json_t *loss = only_entry(given), *config = json_object_get(loss, "config");
    const char *name = json_string_value(loss);
    char spec[SPEC_BYTES];

    if (name == NULL)
        name = json_string_value(config); /* name of a function */
    if (name == NULL)
        name = json_string_value(json_object_get(loss, "class_name"));
    if (name == NULL)
        return;
    if (!is_mean(json_object_get(config, "reduction"))) {
        refuse_loss(model, name, "is summed, expected reduction sum_over_batch_size");
        return;
    }
    const cvy_kind *kind = find_kind(cvy_loss_kinds, name);
    if (kind != NULL)
        print_spec(kind, json_is_object(config) ? config : NULL, spec);
    else
        snprintf(spec, sizeof spec, "%.80s", name); /* perhaps a short name such as mse */
    if (cvy_model_set_loss(model, spec) != CVY_OK)
        refuse_loss(model, name,
                    kind != NULL ? "does not fit the model's outputs" : "is not supported");
}

/* Whether a setting, which every Keras optimizer writes, has its default value. */
static bool is_usual(const char *key, json_t *value)
{
    return strcmp(key, "name") == 0 || strcmp(key, "is_legacy_optimizer") == 0 ||
           strcmp(key, "jit_compile") == 0 || strcmp(key, "decay") == 0 || json_is_null(value) ||
           json_is_false(value) || json_is_object(value) || json_is_array(value) ||
           (strcmp(key, "ema_momentum") == 0 && json_number_value(value) == 0.99) ||
           (strcmp(key, "momentum") == 0 && json_number_value(value) == 0);
}

/* Record the optimizer as a spec such as "sgd:learning_rate=0.01,momentum=0.9". It is checked when
 * it is used, since the list of optimizers is above this folder. */
static void take_optimizer(cvy_model *model, json_t *optimizer)
{
    json_t *config = json_object_get(optimizer, "config"), *value;
    json_t *inner = json_object_get(config, "inner_optimizer"); /* of LossScaleOptimizer */
    const char *name = json_string_value(optimizer), *key, *separator = ":";
    char *spec = model->compiled_optimizer, text[CVY_KERAS_VALUE_BYTES];

    if (name == NULL)
        name = json_string_value(json_object_get(inner != NULL ? inner : optimizer, "class_name"));
    if (name == NULL)
        return;
    size_t length = (size_t)snprintf(spec, SPEC_BYTES, "%.80s", name);
    for (size_t i = 0; i < length; i++)
        spec[i] = cvy_lower(spec[i]);
    json_object_foreach(inner != NULL ? json_object_get(inner, "config") : config, key, value)
    {
        if (is_usual(key, value))
            continue;
        cvy_keras_print_setting(key, value, text);
        if (json_is_real(value)) /* a float32, in as few digits as it was typed */
            cvy_number_text(text, sizeof text, "%.6g", json_real_value(value));
        if (length + strlen(key) + strlen(text) + 3 > SPEC_BYTES)
            return;
        length +=
            (size_t)snprintf(spec + length, SPEC_BYTES - length, "%s%s=%s", separator, key, text);
        separator = ",";
    }
}

void cvy_model_take_compile_config(cvy_model *model, json_t *root)
{
    json_t *compiled = json_object_get(root, "compile_config");

    take_optimizer(model, json_object_get(compiled, "optimizer"));
    take_loss(model, json_object_get(compiled, "loss"));
}
