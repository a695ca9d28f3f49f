/* Reads architectures as written by Keras 2 and 3: the JSON of to_json() of a Sequential or a
 * Functional model. Nested models are flattened. Models with channels first are converted to
 * channels last. */
#include "model/architecture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "model/compile_config.h"
#include "model/functional.h"
#include "model/keras_classes.h"
#include "model/keras_config.h"
#include "model/keras_legacy.h"
#include "model/keras_sequences.h"
#include "model/model.h"
#include "model/objective.h"

/* The input shape of an InputLayer, or of the first layer in a Keras 2 file. */
static json_t *find_input_shape(json_t *config)
{
    json_t *shape = json_object_get(config, "batch_shape");
    return shape != NULL ? shape : json_object_get(config, "batch_input_shape");
}

static cvy_status take_input(cvy_draft *b, json_t *shape, const cvy_surroundings *around)
{
    if (around->depth > 0)
        return CVY_OK; /* the outer model provides the input */
    if (b->model->input.rank != 0 || b->model->layer_count > 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "InputLayer: a second input is not supported, expected one image");
    b->sides[0] = json_array_size(shape) == 3 ? CVY_SIDES_MATRIX : CVY_SIDES_OTHER;
    return cvy_keras_read_input_shape(b->is_channels_first, shape, &b->model->input);
}

static cvy_status add_model(cvy_draft *b, json_t *root, const cvy_surroundings *around,
                            const cvy_sources *from, size_t *output);

/* Permute an image around a layer to which Keras's order of values matters. The model has channels
 * last, so this is needed if the file has channels first, or if only Flatten has. */
static cvy_status turn_image(cvy_draft *b, const char *spec, cvy_sources *from)
{
    const size_t output = from->outputs[0];

    if (cvy_draft_shape(b, output).rank != 3)
        return CVY_OK;
    const char *owner = output > 0 ? b->model->layers[output - 1].name : "input";
    cvy_status status = cvy_draft_add_part(b, owner, spec, output);
    from->outputs[0] = b->model->layer_count;
    return status;
}

static cvy_status add_flatten(cvy_draft *b, const cvy_layer_kind *kind, json_t *config,
                              const char *name, const cvy_sources *given)
{
    const char *format = json_string_value(json_object_get(config, "data_format"));
    const bool is_first = format != NULL && strcmp(format, "channels_first") == 0;
    cvy_sources from = *given;
    cvy_status status = CVY_OK;

    if (is_first != b->is_channels_first)
        status = turn_image(b, is_first ? "permute:dims=[2;3;1]" : "permute:dims=[3;1;2]", &from);
    json_object_del(config, "data_format");
    return status == CVY_OK ? cvy_draft_add(b, kind, config, name, &from, false) : status;
}

static cvy_status add_reshape(cvy_draft *b, const cvy_layer_kind *kind, json_t *config,
                              const char *name, const cvy_sources *given)
{
    cvy_sources from = *given;
    cvy_status status = CVY_OK;

    if (b->is_channels_first)
        status = turn_image(b, "permute:dims=[3;1;2]", &from);
    if (status == CVY_OK)
        status = cvy_draft_add(b, kind, config, name, &from, false);
    from = (cvy_sources){ 1, { b->model->layer_count } };
    if (status == CVY_OK && b->is_channels_first &&
        b->sides[b->model->layer_count] != CVY_SIDES_MATRIX)
        status = turn_image(b, "permute:dims=[2;3;1]", &from);
    return status;
}

static cvy_status add_class(cvy_draft *b, const char *class_name, json_t *config, const char *name,
                            const cvy_sources *from, bool is_frozen)
{
    const cvy_layer_kind *kind = cvy_keras_find_class(class_name);

    if (strcmp(class_name, "SeparableConv2D") == 0)
        return cvy_draft_add_separable(b, config, name, from, is_frozen);
    if (strcmp(class_name, "Flatten") == 0)
        return add_flatten(b, kind, config, name, from);
    if (strcmp(class_name, "Reshape") == 0)
        return add_reshape(b, kind, config, name, from);
    return cvy_draft_add(b, kind, config, name, from, is_frozen);
}

static bool is_model(const char *class_name)
{
    return strcmp(class_name, "Sequential") == 0 || strcmp(class_name, "Functional") == 0 ||
           strcmp(class_name, "Model") == 0;
}

static const char *article_of(const char *word)
{
    return strchr("AEIOaeio", *word) != NULL || strncmp(word, "LSTM", 4) == 0 ? "an" : "a";
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
    cvy_keras_modernize(class_name, config);
    const char *written = class_name; /* below, the class becomes that of another layer of ours */
    const cvy_layer_kind *known = cvy_keras_find_class(class_name);
    cvy_sources given_to = *from;
    cvy_status status = CVY_OK;
    if (b->model->input.rank != 0)
        status = cvy_keras_take_sequence(b, config, &given_to, &class_name);
    if (status == CVY_OK && b->model->input.rank != 0)
        status = cvy_keras_restate(b, entry, &given_to, &class_name);
    if (status != CVY_OK)
        return cvy_fail_at(status, "layer %.80s", given != NULL ? given : "without a name");
    const cvy_layer_kind *kind = cvy_keras_find_class(class_name);
    if (known == NULL && kind == NULL && strcmp(class_name, "SeparableConv2D") != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "layer %.80s: %s %.80s layer is not supported; %s",
                        given != NULL ? given : "without a name", article_of(class_name),
                        class_name, cvy_keras_advice(class_name));
    if (b->model->input.rank == 0)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: an InputLayer with batch_shape must come first, or the first layer "
                        "must have batch_input_shape",
                        class_name);
    cvy_draft_number_name(b, written, numbered);
    status = cvy_draft_choose_name(b, around, given != NULL ? given : numbered, name);
    if (status == CVY_OK)
        status = add_class(b, class_name, config, name, &given_to, around->is_frozen);
    if (status != CVY_OK && strcmp(written, class_name) != 0)
        status = cvy_fail_at(status, "%.80s, computed as %s", written, class_name);
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

/* Whether any layer has channels first. Flatten is ignored,
 * since it says nothing about the others. */
static bool mentions_channels_first(json_t *value, size_t depth)
{
    const char *class_name = json_string_value(json_object_get(value, "class_name")), *key;
    json_t *member;
    size_t i;

    if (depth > 4 * CVY_NESTED_MAX || (class_name != NULL && strcmp(class_name, "Flatten") == 0))
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

/* The number of objects with a class, an upper bound of the number of layers. */
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

/* The layer whose weights a repeated call uses, after layers were removed: moved[i + 1] is the new
 * number of layer i, 0 if it was removed. If the call that owned the weights was removed, the first
 * remaining call owns them. */
static size_t find_repeated(const size_t *moved, size_t *heirs, size_t repeats, size_t own)
{
    if (repeats == 0 || moved[repeats] > 0)
        return repeats > 0 ? moved[repeats] : 0;
    if (heirs[repeats] == 0) {
        heirs[repeats] = own;
        return 0;
    }
    return heirs[repeats];
}

/* Leave out the layers that the output does not need, as Keras does. A model that is not a chain,
 * or that uses weights several times, is a graph. */
static cvy_status close_graph(cvy_model *model, size_t output)
{
    const size_t count = model->layer_count;
    bool *is_needed;
    size_t *moved, kept = 0; /* [2][count + 1] new numbers of outputs; heirs of removed layers */
    cvy_status status = cvy_memory_create(count + 1, sizeof *is_needed, &is_needed);

    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(2 * (count + 1), sizeof *moved, &moved);
    is_needed[output] = true;
    for (size_t i = output; status == CVY_OK && i > 0; i--)
        for (size_t k = 0; is_needed[i] && k < model->layers[i - 1].source_count; k++)
            is_needed[model->layers[i - 1].sources[k]] = true;
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        cvy_layer *layer = &model->layers[i];
        if (!is_needed[i + 1]) {
            cvy_memory_free(layer->settings);
            continue;
        }
        for (size_t k = 0; k < layer->source_count; k++)
            layer->sources[k] = moved[layer->sources[k]];
        layer->repeats = find_repeated(moved, moved + count + 1, layer->repeats, kept + 1);
        model->is_graph = model->is_graph || layer->source_count != 1 ||
                          layer->sources[0] != kept || layer->repeats > 0;
        if (kept < i)
            model->layers[kept] = *layer;
        moved[i + 1] = ++kept;
    }
    if (status == CVY_OK)
        model->layer_count = kept;
    cvy_memory_free(is_needed);
    cvy_memory_free(moved);
    return status;
}

/* Training mixes images before the model sees them, so only layers that scale pixels may come
 * before such a layer. */
static cvy_status check_mixing(const cvy_model *model, size_t mixing)
{
    for (size_t i = 0; i < mixing; i++) {
        const cvy_layer *before = &model->layers[i], *layer = &model->layers[mixing];
        if (strcmp(before->kind->class_name, "Rescaling") != 0)
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "layer %s (%s): expected it before layer %s (%s); or leave it out and "
                            "train with --augment %s",
                            layer->name, layer->kind->class_name, before->name,
                            before->kind->class_name, layer->kind->mixes);
    }
    return model->layers[mixing].sources[0] == mixing
               ? CVY_OK
               : cvy_fail(CVY_ERR_UNSUPPORTED,
                          "layer %s (%s): expected it to be given the model's input",
                          model->layers[mixing].name, model->layers[mixing].kind->class_name);
}

/* Check the augmentations of a model, and number them. */
static cvy_status check_augmentations(const cvy_model *model)
{
    bool has_weights = false;
    size_t count = 0;

    for (size_t i = 0; i < model->layer_count; i++) {
        if (model->layers[i].kind->is_augmentation && has_weights)
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "layer %s (%s): expected it before all layers with weights",
                            model->layers[i].name, model->layers[i].kind->class_name);
        if (model->layers[i].kind->mixes != NULL && check_mixing(model, i) != CVY_OK)
            return CVY_ERR_UNSUPPORTED;
        if (model->layers[i].kind->is_augmentation)
            model->layers[i].augmentation = count++;
        has_weights = has_weights || cvy_trained_count(&model->layers[i].plan) > 0;
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
    if (status == CVY_OK)
        status = cvy_memory_create(b.capacity + 1, sizeof *b.sides, &b.sides);
    cvy_utf8_fit(model->name, sizeof model->name, name != NULL ? name : "sequential");
    if (status == CVY_OK)
        status = add_model(&b, root, &around, &(cvy_sources){ 1, { 0 } }, &output);
    if (status == CVY_OK && model->layer_count == 0)
        status = cvy_fail(CVY_ERR_FORMAT, "there is no layer after the InputLayer");
    if (status == CVY_OK)
        status = close_graph(model, output);
    cvy_memory_free(b.sides);
    if (status == CVY_OK && model->layer_count == 0)
        status = cvy_fail(CVY_ERR_FORMAT, "output_layers: the output is the input");
    if (status == CVY_OK)
        status = check_augmentations(model);
    if (status == CVY_OK && cvy_model_output(model).rank != 1) {
        char shape[64];
        cvy_shape_print(cvy_model_output(model), shape, sizeof shape);
        status = cvy_fail(CVY_ERR_SHAPE,
                          "the last layer gives an image of %s, expected a vector: put "
                          "GlobalAveragePooling2D or Flatten before or after it",
                          shape);
    }
    return status;
}

cvy_status cvy_model_parse(const char *source, const char *text, size_t size, cvy_model **result)
{
    json_error_t error;
    json_t *root = cvy_json_load(text, size, JSON_REJECT_DUPLICATES, &error);
    cvy_model *model;

    if (root == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: line %d: not JSON: %s", source, error.line,
                        error.text);
    cvy_status status = cvy_memory_create(1, sizeof *model, &model);
    if (status == CVY_OK) {
        json_t *copy = json_deep_copy(root); /* reading modifies it */
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
            cvy_model_take_compile_config(model, root);
        if (status == CVY_OK)
            status = cvy_model_make_tables(model);
        char *compact = status == CVY_OK ? cvy_json_dump(root, JSON_COMPACT) : NULL;
        if (compact != NULL)
            status = cvy_text_copy(compact, &model->architecture);
        else if (status == CVY_OK)
            status = cvy_fail(CVY_ERR_MEMORY, "out of memory");
        free(compact);
    }
    json_decref(root);
    if (status != CVY_OK) {
        cvy_model_destroy(model);
        /* the file is at fault, not the command line */
        return cvy_fail_at(status == CVY_ERR_SETTING ? CVY_ERR_FORMAT : status, "%s", source);
    }
    *result = model;
    return CVY_OK;
}
