/* Turns a layer of a file into one or several layers of the model: activation and activity penalty
 * become separate layers, and SeparableConv2D becomes two convolutions. */
#include "model/draft.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "layers/regularizer.h"
#include "model/keras_config.h"
#include "model/keras_json.h"

cvy_shape cvy_draft_shape(const cvy_draft *b, size_t output)
{
    return output == 0 ? b->model->input : b->model->layers[output - 1].plan.out;
}

/* Initialize the next layer, with these outputs as inputs. */
static cvy_layer *next_layer(cvy_draft *b, const cvy_layer_kind *kind, const char *name,
                             const cvy_sources *from)
{
    cvy_layer *layer = &b->model->layers[b->model->layer_count];

    layer->kind = kind;
    snprintf(layer->name, sizeof layer->name, "%s", name);
    layer->source_count = from->count;
    memcpy(layer->sources, from->outputs, sizeof layer->sources);
    return layer;
}

static cvy_status plan_layer(const cvy_draft *b, cvy_layer *layer)
{
    cvy_shape in[CVY_SOURCES_MAX];

    for (size_t i = 0; i < layer->source_count; i++)
        in[i] = cvy_draft_shape(b, layer->sources[i]);
    return cvy_layer_plan_merge(layer, layer->source_count, in);
}

static cvy_sources last_output(const cvy_draft *b)
{
    return (cvy_sources){ 1, { b->model->layer_count } };
}

static cvy_status make_room(cvy_draft *b)
{
    return b->model->layer_count + CVY_PARTS_MAX <= b->capacity
               ? CVY_OK
               : cvy_fail(CVY_ERR_FORMAT, "the model has more than %zu layers", b->capacity);
}

cvy_status cvy_draft_add_part(cvy_draft *b, const char *owner_name, const char *spec, size_t output)
{
    const cvy_sources from = { 1, { output } };
    const cvy_kind *kind;
    void *settings;
    cvy_status status = make_room(b);

    if (status == CVY_OK)
        status = cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &settings);
    if (status != CVY_OK)
        return status;
    cvy_layer *layer = next_layer(b, (const cvy_layer_kind *)kind, owner_name, &from);
    layer->is_part_of_previous = layer != b->model->layers; /* the first layer has no previous */
    layer->settings = settings;
    b->sides[++b->model->layer_count] = b->sides[output];
    return plan_layer(b, layer);
}

/* Add a layer that is part of the previous one in Keras. */
static cvy_status add_part(cvy_draft *b, const char *owner_name, const char *spec)
{
    return cvy_draft_add_part(b, owner_name, spec, b->model->layer_count);
}

/* Whether a function reads a whole row of values along the last axis. */
static bool is_along_last_axis(const char *function)
{
    static const char *const names[] = { "softmax", "log_softmax", "glu", "sparsemax" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(function, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Refuse functions along Keras's last axis if that is columns:
 * with channels first, or without channels. */
static cvy_status check_function(const cvy_draft *b, const cvy_layer *owner, const char *function)
{
    if (owner->plan.out.rank == 3 && is_along_last_axis(function) &&
        (b->is_channels_first || b->sides[owner->sources[0]] == CVY_SIDES_MATRIX))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: %s along the columns of an image is not supported; put a Flatten "
                        "layer before it",
                        owner->kind->class_name, function);
    return CVY_OK;
}

/* Add the layer's activation: a function's name, or a layer as a spec. */
static cvy_status add_activation(cvy_draft *b, const cvy_layer *owner)
{
    const char *name = owner->kind->activation(owner->settings);
    char spec[CVY_KERAS_VALUE_BYTES];

    if (strcmp(name, "linear") == 0)
        return CVY_OK;
    cvy_status status = check_function(b, owner, name);
    if (status != CVY_OK)
        return status;
    const bool is_layer = strchr(name, ':') != NULL;
    snprintf(spec, sizeof spec, "%s%s", is_layer ? "" : "activation:activation=", name);
    return add_part(b, owner->name, spec);
}

/* Add the activity penalty of a layer as a separate layer, after the activation. */
static cvy_status add_activity_penalty(cvy_draft *b, const cvy_layer *owner)
{
    const cvy_setting *row =
        owner->kind->kind.settings != NULL
            ? cvy_setting_find(owner->kind->kind.settings, "activity_regularizer")
            : NULL;
    cvy_regularizer penalty;
    char spec[CVY_KERAS_VALUE_BYTES];

    if (row == NULL)
        return CVY_OK;
    cvy_status status = cvy_regularizer_read((const char *)owner->settings + row->offset, &penalty);
    if (status != CVY_OK || cvy_regularizer_is_none(&penalty))
        return status;
    cvy_number_text(spec, sizeof spec, "activity_regularization:l1=%.17g,l2=%.17g", penalty.l1,
                    penalty.l2);
    return add_part(b, owner->name, spec);
}

static bool is_taken(const cvy_draft *b, const char *name)
{
    for (size_t i = 0; i < b->model->layer_count; i++)
        if (strcmp(b->model->layers[i].name, name) == 0)
            return true;
    return false;
}

cvy_status cvy_draft_choose_name(const cvy_draft *b, const cvy_surroundings *around,
                                 const char *given, char name[CVY_NAME_BYTES])
{
    if (*given == '\0' || strlen(given) >= CVY_NAME_BYTES || strpbrk(given, "/\"\\") != NULL)
        return cvy_fail(CVY_ERR_FORMAT,
                        "name \"%.80s\", expected 1 to %d characters without / \" \\", given,
                        CVY_NAME_BYTES - 1);
    snprintf(name, CVY_NAME_BYTES, "%s", given);
    if (around->depth > 0 && is_taken(b, name) &&
        snprintf(name, CVY_NAME_BYTES, "%.100s_%.100s", around->name, given) < 0)
        return CVY_ERR_FORMAT;
    if (is_taken(b, name))
        return cvy_fail(CVY_ERR_FORMAT, "name \"%s\" is used twice", name);
    return CVY_OK;
}

void cvy_draft_number_name(const cvy_draft *b, const char *class_name, char name[CVY_NAME_BYTES])
{
    char base[CVY_NAME_BYTES - 24];

    cvy_keras_object_name(class_name, base, sizeof base);
    snprintf(name, CVY_NAME_BYTES, "%s", base);
    for (size_t i = 1; is_taken(b, name); i++)
        snprintf(name, CVY_NAME_BYTES, "%s_%zu", base, i);
}

/* Whether a layer works along the last axis. If Keras has only two sides, they may be represented
 * by an image of one channel (always, in models with channels first),
 * whose last axis would be the columns. */
static bool is_along_columns(const cvy_layer_kind *kind, json_t *config)
{
    static const char *const names[] = {
        "Dense",
        "LayerNormalization",
        "RMSNormalization",
        "GroupNormalization",
        "UnitNormalization",
        "BatchNormalization",
        "Softmax",
        "Concatenate",
        "Permute",
        "PReLU",
    };

    if (strcmp(kind->class_name, "Normalization") == 0)
        return json_integer_value(json_object_get(config, "axis")) != 0;
    if (strcmp(kind->class_name, "Rescaling") == 0)
        return json_is_array(json_object_get(config, "scale"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], kind->class_name) == 0)
            return true;
    return false;
}

static cvy_status check_matrix(const cvy_draft *b, const cvy_layer_kind *kind, json_t *config,
                               const cvy_sources *from)
{
    const cvy_shape in = cvy_draft_shape(b, from->outputs[0]);
    bool is_matrix = false;

    for (size_t i = 0; i < from->count; i++)
        is_matrix = is_matrix || b->sides[from->outputs[i]] == CVY_SIDES_MATRIX;
    if (is_matrix && is_along_columns(kind, config))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: its input has two sides, %zu x %zu, and no channels, which is not "
                        "supported; put Reshape to [%zu, %zu, 1] or Flatten before it",
                        kind->class_name, in.dims[0], in.dims[1], in.dims[0], in.dims[1]);
    return CVY_OK;
}

static cvy_sides sides_of_output(const cvy_draft *b, const cvy_layer *layer, json_t *config)
{
    const char *class_name = layer->kind->class_name;
    const cvy_sides given = b->sides[layer->sources[0]];

    if (strcmp(class_name, "Reshape") == 0)
        return json_array_size(json_object_get(config, "target_shape")) == 2 ? CVY_SIDES_MATRIX
                                                                             : CVY_SIDES_OTHER;
    if (layer->plan.out.rank == 1 ||
        (given == CVY_SIDES_MATRIX && strstr(class_name, "2D") != NULL))
        return CVY_SIDES_OTHER;
    return given;
}

cvy_status cvy_draft_add(cvy_draft *b, const cvy_layer_kind *kind, json_t *config, const char *name,
                         const cvy_sources *from, bool is_frozen)
{
    cvy_status status = make_room(b);

    if (status == CVY_OK)
        status = check_matrix(b, kind, config, from);
    if (status != CVY_OK)
        return status;
    cvy_layer *layer = next_layer(b, kind, name, from);
    status = cvy_memory_create(1, kind->kind.settings_size, &layer->settings);
    if (status != CVY_OK)
        return status;
    b->model->layer_count++;
    if (b->is_channels_first)
        status = cvy_keras_turn_channels(config, cvy_draft_shape(b, from->outputs[0]));
    if (status == CVY_OK)
        status = cvy_keras_read_config(kind, config, layer->settings);
    if (status != CVY_OK)
        return cvy_fail_at(status, "layer %s (%s)", name, kind->class_name);
    status = plan_layer(b, layer);
    b->sides[b->model->layer_count] = sides_of_output(b, layer, config);
    const cvy_setting *function =
        kind->kind.settings != NULL ? cvy_setting_find(kind->kind.settings, "activation") : NULL;
    if (status == CVY_OK && kind->activation == NULL && function != NULL)
        status = check_function(b, layer, (const char *)layer->settings + function->offset);
    layer->is_frozen = is_frozen || json_is_false(json_object_get(config, "trainable"));
    if (status == CVY_OK && kind->activation != NULL)
        status = add_activation(b, layer);
    return status == CVY_OK ? add_activity_penalty(b, layer) : status;
}

/* Copy members of a config under new names. Return false if memory is short. */
static bool copy_members(json_t *from, json_t *to, const char *const (*names)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_object_get(from, names[i][0]);
        if (value != NULL && json_object_set(to, names[i][1], value) != 0)
            return false;
    }
    return true;
}

cvy_status cvy_draft_add_separable(cvy_draft *b, json_t *config, const char *name,
                                   const cvy_sources *from, bool is_frozen)
{
    static const char *const depthwise[][2] = {
        { "kernel_size", "kernel_size" },
        { "strides", "strides" },
        { "padding", "padding" },
        { "data_format", "data_format" },
        { "dilation_rate", "dilation_rate" },
        { "depth_multiplier", "depth_multiplier" },
        { "depthwise_initializer", "depthwise_initializer" },
        { "depthwise_regularizer", "depthwise_regularizer" },
        { "depthwise_constraint", "depthwise_constraint" },
    };
    static const char *const pointwise[][2] = {
        { "filters", "filters" },
        { "data_format", "data_format" },
        { "activation", "activation" },
        { "use_bias", "use_bias" },
        { "activity_regularizer", "activity_regularizer" },
        { "pointwise_initializer", "kernel_initializer" },
        { "pointwise_regularizer", "kernel_regularizer" },
        { "pointwise_constraint", "kernel_constraint" },
        { "bias_initializer", "bias_initializer" },
        { "bias_regularizer", "bias_regularizer" },
        { "bias_constraint", "bias_constraint" },
    };
    json_t *first = json_pack("{s:b}", "use_bias", 0);
    json_t *second = json_pack("{s:i}", "kernel_size", 1);
    const bool frozen = is_frozen || json_is_false(json_object_get(config, "trainable"));
    char pointwise_name[CVY_NAME_BYTES];
    cvy_status status = CVY_OK;

    if (first == NULL || second == NULL ||
        !copy_members(config, first, depthwise, sizeof depthwise / sizeof *depthwise) ||
        !copy_members(config, second, pointwise, sizeof pointwise / sizeof *pointwise))
        status = cvy_fail(CVY_ERR_MEMORY, "out of memory");
    if (status == CVY_OK)
        status =
            cvy_draft_add(b, cvy_keras_find_class("DepthwiseConv2D"), first, name, from, frozen);
    if (status == CVY_OK) {
        const cvy_sources between = last_output(b);
        const size_t index = b->model->layer_count;
        snprintf(pointwise_name, sizeof pointwise_name, "%.200s_pointwise", name);
        status = cvy_draft_add(b, cvy_keras_find_class("Conv2D"), second, pointwise_name, &between,
                               frozen);
        if (status == CVY_OK)
            b->model->layers[index].is_part_of_previous = true;
    }
    json_decref(first);
    json_decref(second);
    return status;
}
