/* Architectures as Keras 2 and 3 write them: the JSON of to_json() of a Sequential or a Functional model,
 * with models inside, which are flattened. Models that keep channels first are read as if they kept them
 * last. */
#include "model/architecture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/functional.h"
#include "model/keras_config.h"
#include "model/model.h"
#include "model/objective.h"

/* Of an InputLayer, or of the first layer in a file of Keras 2. */
static json_t *find_input_shape(json_t *config)
{
    json_t *shape = json_object_get(config, "batch_shape");
    return shape != NULL ? shape : json_object_get(config, "batch_input_shape");
}

static cvy_status take_input(cvy_draft *b, json_t *shape, const cvy_surroundings *around)
{
    if (around->depth > 0)
        return CVY_OK; /* the outer model provides its input */
    if (b->model->input.rank != 0 || b->model->layer_count > 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "InputLayer: expected one, at the beginning");
    return cvy_keras_read_input_shape(b->is_channels_first, shape, &b->model->input);
}

static cvy_status add_model(cvy_draft *b, json_t *root, const cvy_surroundings *around,
                            const cvy_sources *from, size_t *output);

static bool is_model(const char *class_name)
{
    return strcmp(class_name, "Sequential") == 0 || strcmp(class_name, "Functional") == 0 ||
           strcmp(class_name, "Model") == 0;
}

cvy_status cvy_architecture_add_layer(cvy_draft *b, json_t *entry, const cvy_surroundings *around,
                                      const cvy_sources *from, size_t *output)
{
    json_t *config = json_object_get(entry, "config");
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    const char *given = json_string_value(json_object_get(config, "name"));
    char name[CVY_NAME_BYTES], numbered[CVY_NAME_BYTES];

    *output = from->outputs[0];
    if (class_name != NULL && is_model(class_name)) {
        const cvy_surroundings inside = { around->depth + 1, given != NULL ? given : "model",
                                          around->is_frozen ||
                                              json_is_false(json_object_get(config, "trainable")) };
        return add_model(b, entry, &inside, from, output);
    }
    if (class_name == NULL || !json_is_object(config))
        return cvy_fail(CVY_ERR_FORMAT, "expected an object with class_name and config");
    if (strcmp(class_name, "InputLayer") == 0)
        return take_input(b, find_input_shape(config), around);
    if (b->model->input.rank == 0 && find_input_shape(config) != NULL) {
        cvy_status status = take_input(b, find_input_shape(config), around);
        if (status != CVY_OK)
            return status;
    }
    const cvy_layer_kind *kind = cvy_keras_find_class(class_name);
    const bool is_separable = strcmp(class_name, "SeparableConv2D") == 0;
    if (kind == NULL && !is_separable)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "layer %.80s: a %.80s layer is not supported; %s",
                        given != NULL ? given : "without a name", class_name,
                        cvy_keras_advice(class_name));
    if (b->model->input.rank == 0)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: an InputLayer with batch_shape must come first, or the first layer "
                        "must have batch_input_shape",
                        class_name);
    snprintf(numbered, sizeof numbered, "%s_%zu", kind != NULL ? kind->kind.name : "separable",
             b->model->layer_count);
    cvy_status status = cvy_draft_choose_name(b, around, given != NULL ? given : numbered, name);
    if (status == CVY_OK)
        status = is_separable ? cvy_draft_add_separable(b, config, name, from, around->is_frozen)
                              : cvy_draft_add(b, kind, config, name, from, around->is_frozen);
    *output = b->model->layer_count;
    return status;
}

static cvy_status add_sequence(cvy_draft *b, json_t *layers, const cvy_surroundings *around,
                               const cvy_sources *from, size_t *output)
{
    cvy_sources now = *from;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < json_array_size(layers); i++) {
        status = cvy_architecture_add_layer(b, json_array_get(layers, i), around, &now, output);
        if (status != CVY_OK)
            return cvy_fail_at(status, "layer %zu", i + 1);
        now = (cvy_sources){ 1, { *output } };
    }
    *output = now.outputs[0];
    return CVY_OK;
}

static cvy_status add_model(cvy_draft *b, json_t *root, const cvy_surroundings *around,
                            const cvy_sources *from, size_t *output)
{
    json_t *config = json_object_get(root, "config");
    json_t *layers = json_is_array(config) ? config : json_object_get(config, "layers");
    const char *class_name = json_string_value(json_object_get(root, "class_name"));

    if (class_name == NULL || !is_model(class_name))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "a model of class \"%.80s\" is not supported, expected Sequential or "
                        "Functional; build it with the functional API",
                        class_name != NULL ? class_name : "(none)");
    const size_t count = json_array_size(layers);
    if (count < 1 || count > CVY_LAYERS_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "config.layers holds %zu layers, expected 1 to %d", count,
                        CVY_LAYERS_MAX);
    if (around->depth > CVY_NESTED_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "models are nested more than %d deep", CVY_NESTED_MAX);
    return strcmp(class_name, "Sequential") == 0
               ? add_sequence(b, layers, around, from, output)
               : cvy_functional_add(b, config, around, from, output);
}

static bool mentions_channels_first(json_t *value, size_t depth)
{
    const char *key;
    json_t *member;
    size_t i;

    if (depth > 4 * CVY_NESTED_MAX)
        return false;
    json_object_foreach(value, key, member)
    {
        if (strcmp(key, "data_format") == 0 && json_is_string(member) &&
            strcmp(json_string_value(member), "channels_first") == 0)
            return true;
        if (mentions_channels_first(member, depth + 1))
            return true;
    }
    json_array_foreach(value, i, member)
    {
        if (mentions_channels_first(member, depth + 1))
            return true;
    }
    return false;
}

/* How many objects have a class: no fewer than there are layers. */
static size_t count_classes(json_t *value, size_t depth)
{
    size_t count = json_object_get(value, "class_name") != NULL, i;
    const char *key;
    json_t *member;

    if (depth > 8 * CVY_NESTED_MAX)
        return count;
    json_object_foreach(value, key, member)
    {
        count += count_classes(member, depth + 1);
    }
    json_array_foreach(value, i, member)
    {
        count += count_classes(member, depth + 1);
    }
    return count;
}

/* Layers after the output would never run, so they are refused. A model that is not a chain is a graph. */
static cvy_status close_graph(cvy_model *model, size_t output)
{
    if (output != model->layer_count)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "the output is not that of the last layer; leave out the layers after it");
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (layer->source_count != 1 || layer->sources[0] != i)
            model->is_graph = true;
    }
    return CVY_OK;
}

static cvy_status check_augmentations(const cvy_model *model)
{
    bool has_weights = false;

    for (size_t i = 0; i < model->layer_count; i++) {
        if (model->layers[i].kind->is_augmentation && has_weights)
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "layer %s (%s): expected it before all layers with weights",
                            model->layers[i].name, model->layers[i].kind->class_name);
        has_weights = has_weights || model->layers[i].plan.weight_count > 0;
    }
    return CVY_OK;
}

static cvy_status read_layers(json_t *root, cvy_model *model)
{
    cvy_draft b = { .model = model, .capacity = CVY_PARTS_MAX * (count_classes(root, 0) + 1) };
    json_t *config = json_object_get(root, "config");
    const char *name = json_string_value(json_object_get(config, "name"));
    const cvy_surroundings around = { 0, name != NULL ? name : "model", false };
    size_t output;

    b.is_channels_first = mentions_channels_first(root, 0);
    cvy_status status = cvy_memory_create(b.capacity, sizeof *model->layers, &model->layers);
    snprintf(model->name, sizeof model->name, "%s", name != NULL ? name : "sequential");
    if (status == CVY_OK)
        status = add_model(&b, root, &around, &(cvy_sources){ 1, { 0 } }, &output);
    if (status == CVY_OK && model->layer_count == 0)
        status = cvy_fail(CVY_ERR_FORMAT, "there is no layer after the InputLayer");
    if (status == CVY_OK)
        status = close_graph(model, output);
    if (status == CVY_OK)
        status = check_augmentations(model);
    if (status == CVY_OK && cvy_model_output(model).rank != 1)
        status = cvy_fail(CVY_ERR_SHAPE, "the last layer gives an image, expected a vector");
    return status;
}

cvy_status cvy_model_parse(const char *source, const char *text, size_t size, cvy_model **result)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    cvy_model *model;

    if (root == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: line %d: not JSON: %s", source, error.line,
                        error.text);
    cvy_status status = cvy_memory_create(1, sizeof *model, &model);
    if (status == CVY_OK) {
        json_t *copy = json_deep_copy(root); /* reading changes it */
        model->pixel_scale = 1.0f / 255;
        status =
            copy != NULL ? read_layers(copy, model) : cvy_fail(CVY_ERR_MEMORY, "out of memory");
        json_decref(copy);
        if (status == CVY_OK && cvy_model_scales_input(model))
            cvy_model_take_bytes(model);
        if (status == CVY_OK)
            cvy_model_lay_out(model);
        if (status == CVY_OK)
            status = cvy_model_set_loss(model, cvy_model_default_loss(model));
        if (status == CVY_OK)
            status = cvy_model_make_tables(model);
        char *compact = status == CVY_OK ? json_dumps(root, JSON_COMPACT) : NULL;
        if (compact != NULL)
            status = cvy_text_copy(compact, &model->architecture);
        else if (status == CVY_OK)
            status = cvy_fail(CVY_ERR_MEMORY, "out of memory");
        free(compact);
    }
    json_decref(root);
    if (status != CVY_OK) {
        cvy_model_destroy(model);
        /* the file is wrong, not the command line */
        return cvy_fail_at(status == CVY_ERR_SETTING ? CVY_ERR_FORMAT : status, "%s", source);
    }
    *result = model;
    return CVY_OK;
}
