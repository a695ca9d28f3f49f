/* Architectures as Keras 2 and 3 write them: the JSON of to_json() of a Sequential or a Functional model,
 * with others of them inside, which are flattened. Every value becomes the text a user would type and
 * takes the path of all settings. Models that keep channels first are read as if they kept them last. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "layers/regularizer.h"
#include "model/keras_json.h"
#include "model/model.h"
#include "model/objective.h"

enum { NESTED_MAX = 16, PARTS_MAX = 5 /* layers that one of Keras's may become */ };

/* A model on its way. */
typedef struct {
    cvy_model *model;
    size_t capacity; /* of model->layers */
    bool is_channels_first;
} builder;

/* What a layer is given: outputs, as in cvy_layer.sources. */
typedef struct {
    size_t count, outputs[CVY_SOURCES_MAX];
} sources;

/* A model inside another, or the outermost. */
typedef struct {
    size_t depth;
    const char *name;
    bool is_frozen;
} surroundings;

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

static cvy_status check_bookkeeping(const char *class_name, json_t *config)
{
    json_t *dtype = json_object_get(config, "dtype");
    if (json_is_object(dtype))
        dtype = json_object_get(json_object_get(dtype, "config"), "name");
    if (json_is_string(dtype) && strcmp(json_string_value(dtype), "float32") != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: dtype \"%s\" is not supported, expected float32",
                        class_name, json_string_value(dtype));
    return CVY_OK;
}

/* Every key of a layer's config into the kind's settings. A null stands for the default. */
static cvy_status read_config(const cvy_layer_kind *kind, json_t *config, void *settings)
{
    const char *key;
    json_t *value;
    char text[CVY_KERAS_VALUE_BYTES];
    cvy_status status = check_bookkeeping(kind->class_name, config);

    if (kind->kind.settings != NULL)
        cvy_settings_default(kind->kind.settings, settings);
    json_object_foreach(config, key, value)
    {
        if (status != CVY_OK)
            return status;
        const cvy_setting *row =
            kind->kind.settings != NULL ? cvy_setting_find(kind->kind.settings, key) : NULL;
        if (row != NULL && json_is_null(value) && ends_in(key, "_initializer"))
            status = cvy_setting_parse(row, "glorot_uniform", settings); /* as Keras has it */
        if (json_is_null(value) || (row == NULL && cvy_keras_is_bookkeeping(key)))
            continue;
        cvy_keras_print_setting(key, value, text);
        if (row == NULL)
            status = cvy_fail(CVY_ERR_UNSUPPORTED, "%s: %s=%s is not supported", kind->class_name,
                              key, text);
        else
            status = cvy_setting_parse(row, text, settings);
    }
    for (const cvy_setting *row = kind->kind.settings;
         status == CVY_OK && row != NULL && row->name != NULL; row++)
        if (row->fallback == NULL && (json_object_get(config, row->name) == NULL ||
                                      json_is_null(json_object_get(config, row->name))))
            status = cvy_fail(CVY_ERR_FORMAT, "%s: %s is missing", kind->class_name, row->name);
    return status;
}

static const cvy_layer_kind *find_class(const char *class_name)
{
    for (size_t i = 0; cvy_layer_kinds[i] != NULL; i++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[i];
        if (strcmp(kind->class_name, class_name) == 0)
            return kind;
    }
    return NULL;
}

/* What would do instead of a layer that is not there. */
static const char *advice_for(const char *class_name)
{
    static const struct {
        const char *word, *advice;
    } all[] = {
        { "Lambda", "write it with layers that Keras has" },
        { "Random", "leave it out and use RandomFlip, RandomTranslation, RandomRotation or "
                    "RandomZoom" },
        { "LSTM", "convoy reads networks for images: Flatten and Dense would do" },
        { "GRU", "convoy reads networks for images: Flatten and Dense would do" },
        { "1D", "use its 2D twin on images of one row" },
        { "3D", "use its 2D twin" },
        { "Conv2DTranspose", "use UpSampling2D and Conv2D" },
        { "Attention", "use GlobalAveragePooling2D and Dense" },
        { "Embedding", "convoy reads networks for images" },
        { "Dot", "use Multiply and GlobalAveragePooling2D" },
        { "AdaptiveAveragePooling2D", "use GlobalAveragePooling2D" },
        { "AdaptiveMaxPooling2D", "use GlobalMaxPooling2D" },
        { "Normalization", "use Rescaling, or leave it out: convoy normalizes pixels itself" },
        { "SpectralNormalization", "use Conv2D or Dense with kernel_constraint unit_norm" },
        { "Resizing", "give images of the model's size" },
        { "CenterCrop", "use Cropping2D" },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strstr(class_name, all[i].word) != NULL)
            return all[i].advice;
    return "convoy info --layers lists what is read";
}

/* One side of an input: a positive number that fits. */
static cvy_status read_side(json_t *shape, size_t index, size_t *side)
{
    json_t *value = json_array_get(shape, index);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : 0;

    if (number < 1 || number > CVY_FEATURES_MAX)
        return cvy_fail(CVY_ERR_SHAPE, "batch_shape: entry %zu is not a whole number from 1 to %d",
                        index, CVY_FEATURES_MAX);
    *side = (size_t)number;
    return CVY_OK;
}

/* [null, height, width, channels]; channels may be left out; or [null, features]. */
static cvy_status read_input_shape(const builder *b, json_t *shape, cvy_shape *input)
{
    size_t sides[3] = { 1, 1, 1 }, rank = json_array_size(shape);

    if (!json_is_array(shape) || rank < 2 || rank > 4)
        return cvy_fail(
            CVY_ERR_SHAPE,
            "batch_shape: expected [null, height, width, channels] or [null, features]");
    for (size_t i = 1; i < rank; i++) {
        cvy_status status = read_side(shape, i, &sides[i - 1]);
        if (status != CVY_OK)
            return status;
    }
    if (rank == 2)
        return cvy_shape_vector(sides[0], input);
    if (rank == 4 && b->is_channels_first) {
        const size_t channels = sides[0];
        sides[0] = sides[1];
        sides[1] = sides[2];
        sides[2] = channels;
    }
    if (sides[2] > CVY_CHANNELS_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "batch_shape: %zu channels, expected 1 to %d",
                        sides[2], CVY_CHANNELS_MAX);
    return cvy_shape_image(sides[0], sides[1], sides[2], input);
}

/* Of an InputLayer, or of the first layer in a file of Keras 2. */
static json_t *find_input_shape(json_t *config)
{
    json_t *shape = json_object_get(config, "batch_shape");
    return shape != NULL ? shape : json_object_get(config, "batch_input_shape");
}

static cvy_shape shape_of(const builder *b, size_t output)
{
    return output == 0 ? b->model->input : b->model->layers[output - 1].plan.out;
}

/* The next layer, given these outputs. */
static cvy_layer *next_layer(builder *b, const cvy_layer_kind *kind, const char *name,
                             const sources *from)
{
    cvy_layer *layer = &b->model->layers[b->model->layer_count];

    layer->kind = kind;
    snprintf(layer->name, sizeof layer->name, "%s", name);
    layer->source_count = from->count;
    memcpy(layer->sources, from->outputs, sizeof layer->sources);
    return layer;
}

static cvy_status plan_layer(const builder *b, cvy_layer *layer)
{
    cvy_shape in[CVY_SOURCES_MAX];

    for (size_t i = 0; i < layer->source_count; i++)
        in[i] = shape_of(b, layer->sources[i]);
    return cvy_layer_plan_merge(layer, layer->source_count, in);
}

static sources last_output(const builder *b)
{
    return (sources){ 1, { b->model->layer_count } };
}

/* A layer that belongs to the one before it, in Keras's counting; its settings come from a spec. */
static cvy_status add_part(builder *b, const char *owner_name, const char *spec)
{
    const sources from = last_output(b);
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    cvy_layer *layer = next_layer(b, (const cvy_layer_kind *)kind, owner_name, &from);
    layer->is_part_of_previous = true;
    layer->settings = settings;
    b->model->layer_count++;
    return plan_layer(b, layer);
}

/* A function by its name, or a layer as a spec. */
static cvy_status add_activation(builder *b, const cvy_layer *owner)
{
    const char *name = owner->kind->activation(owner->settings);
    char spec[CVY_KERAS_VALUE_BYTES];

    if (strcmp(name, "linear") == 0)
        return CVY_OK;
    const bool is_layer = strchr(name, ':') != NULL;
    snprintf(spec, sizeof spec, "%s%s", is_layer ? "" : "activation:activation=", name);
    return add_part(b, owner->name, spec);
}

/* What the penalty of a layer's output says, as a layer behind it and its activation. */
static cvy_status add_activity_penalty(builder *b, const cvy_layer *owner)
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
    snprintf(spec, sizeof spec, "activity_regularization:l1=%.17g,l2=%.17g", penalty.l1,
             penalty.l2);
    return add_part(b, owner->name, spec);
}

static bool is_taken(const builder *b, const char *name)
{
    for (size_t i = 0; i < b->model->layer_count; i++)
        if (strcmp(b->model->layers[i].name, name) == 0)
            return true;
    return false;
}

/* Keras gives every layer of a model a name of its own; weights are stored under it. In a model inside
 * another, names may be those of the other's: the inner model's name is put in front then. */
static cvy_status choose_name(const builder *b, const surroundings *around, const char *given,
                              char name[CVY_NAME_BYTES])
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

/* Axes of a model that keeps channels first are those of one that keeps them last. */
static cvy_status turn_channels(json_t *config, cvy_shape in)
{
    json_t *axis = json_object_get(config, "axis");
    const json_t *number = json_is_array(axis) ? json_array_get(axis, 0) : axis;

    if (json_object_get(config, "data_format") != NULL &&
        json_object_set_new(config, "data_format", json_string("channels_last")) != 0)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    if (in.rank == 3 && json_is_integer(number) && json_integer_value(number) == 1 &&
        json_object_set_new(config, "axis", json_integer(-1)) != 0)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    return CVY_OK;
}

static cvy_status make_room(builder *b)
{
    return b->model->layer_count + PARTS_MAX <= b->capacity
               ? CVY_OK
               : cvy_fail(CVY_ERR_FORMAT, "the model has more than %zu layers", b->capacity);
}

/* A layer of one kind from its config, with its activation and penalty. */
static cvy_status add_kind(builder *b, const cvy_layer_kind *kind, json_t *config, const char *name,
                           const sources *from, bool is_frozen)
{
    cvy_status status = make_room(b);

    if (status != CVY_OK)
        return status;
    cvy_layer *layer = next_layer(b, kind, name, from);
    status = cvy_memory_create(1, kind->kind.settings_size, &layer->settings);
    if (status != CVY_OK)
        return status;
    b->model->layer_count++;
    if (b->is_channels_first)
        status = turn_channels(config, shape_of(b, from->outputs[0]));
    if (status == CVY_OK)
        status = read_config(kind, config, layer->settings);
    if (status == CVY_OK)
        status = plan_layer(b, layer);
    layer->is_frozen = is_frozen || json_is_false(json_object_get(config, "trainable"));
    if (status == CVY_OK && kind->activation != NULL)
        status = add_activation(b, layer);
    return status == CVY_OK ? add_activity_penalty(b, layer) : status;
}

/* The members of a config under other names; false when memory is out. */
static bool copy_members(json_t *from, json_t *to, const char *const (*names)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_object_get(from, names[i][0]);
        if (value != NULL && json_object_set(to, names[i][1], value) != 0)
            return false;
    }
    return true;
}

/* SeparableConv2D is a depthwise convolution and one of 1 x 1 behind it. */
static cvy_status add_separable(builder *b, json_t *config, const char *name, const sources *from,
                                bool is_frozen)
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
        status = add_kind(b, find_class("DepthwiseConv2D"), first, name, from, frozen);
    if (status == CVY_OK) {
        const sources between = last_output(b);
        const size_t index = b->model->layer_count;
        snprintf(pointwise_name, sizeof pointwise_name, "%.200s_pointwise", name);
        status = add_kind(b, find_class("Conv2D"), second, pointwise_name, &between, frozen);
        if (status == CVY_OK)
            b->model->layers[index].is_part_of_previous = true;
    }
    json_decref(first);
    json_decref(second);
    return status;
}

static cvy_status take_input(builder *b, json_t *shape, const surroundings *around)
{
    if (around->depth > 0)
        return CVY_OK; /* it is given what the outer model says */
    if (b->model->input.rank != 0 || b->model->layer_count > 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "InputLayer: expected one, at the beginning");
    return read_input_shape(b, shape, &b->model->input);
}

static cvy_status add_model(builder *b, json_t *root, const surroundings *around,
                            const sources *from, size_t *output);

static bool is_model(const char *class_name)
{
    return strcmp(class_name, "Sequential") == 0 || strcmp(class_name, "Functional") == 0 ||
           strcmp(class_name, "Model") == 0;
}

/* What a layer, or a model in its place, makes of some outputs. */
static cvy_status add_layer(builder *b, json_t *entry, const surroundings *around,
                            const sources *from, size_t *output)
{
    json_t *config = json_object_get(entry, "config");
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    const char *given = json_string_value(json_object_get(config, "name"));
    char name[CVY_NAME_BYTES], numbered[CVY_NAME_BYTES];

    *output = from->outputs[0];
    if (class_name != NULL && is_model(class_name)) {
        const surroundings inside = { around->depth + 1, given != NULL ? given : "model",
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
    const cvy_layer_kind *kind = find_class(class_name);
    const bool is_separable = strcmp(class_name, "SeparableConv2D") == 0;
    if (kind == NULL && !is_separable)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "layer %.80s: a %.80s layer is not supported; %s",
                        given != NULL ? given : "without a name", class_name,
                        advice_for(class_name));
    if (b->model->input.rank == 0)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: an InputLayer with batch_shape must come first, or the first layer "
                        "must have batch_input_shape",
                        class_name);
    snprintf(numbered, sizeof numbered, "%s_%zu", kind != NULL ? kind->kind.name : "separable",
             b->model->layer_count);
    cvy_status status = choose_name(b, around, given != NULL ? given : numbered, name);
    if (status == CVY_OK)
        status = is_separable ? add_separable(b, config, name, from, around->is_frozen)
                              : add_kind(b, kind, config, name, from, around->is_frozen);
    *output = b->model->layer_count;
    return status;
}

static cvy_status add_sequence(builder *b, json_t *layers, const surroundings *around,
                               const sources *from, size_t *output)
{
    sources now = *from;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < json_array_size(layers); i++) {
        status = add_layer(b, json_array_get(layers, i), around, &now, output);
        if (status != CVY_OK)
            return cvy_fail_at(status, "layer %zu", i + 1);
        now = (sources){ 1, { *output } };
    }
    *output = now.outputs[0];
    return CVY_OK;
}

/* --- Functional --- */

/* Layers by their names, and which output each has once it is read. */
typedef struct {
    json_t *layers;
    size_t *outputs; /* NOT_READ until then */
} graph;

#define NOT_READ SIZE_MAX

static size_t find_output(const graph *g, const char *name)
{
    for (size_t i = 0; i < json_array_size(g->layers); i++) {
        json_t *entry = json_array_get(g->layers, i);
        const char *own = json_string_value(json_object_get(entry, "name"));
        const char *other =
            json_string_value(json_object_get(json_object_get(entry, "config"), "name"));
        if ((own != NULL && strcmp(own, name) == 0) ||
            (own == NULL && other != NULL && strcmp(other, name) == 0))
            return g->outputs[i];
    }
    return NOT_READ;
}

/* The outputs that a node names, in Keras 3's words, {"class_name": "__keras_tensor__", "config":
 * {"keras_history": ["name", 0, 0]}}, or in Keras 2's, ["name", 0, 0, {}]. is_known: all are read. */
static cvy_status collect(const graph *g, json_t *node, size_t depth, sources *from, bool *is_known)
{
    json_t *history = json_object_get(json_object_get(node, "config"), "keras_history");
    json_t *tensor = history != NULL ? history : node, *value;
    const char *name = json_string_value(json_array_get(tensor, 0)), *key;
    cvy_status status = CVY_OK;
    size_t i;

    if (depth > NESTED_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "inbound_nodes: nested too deeply");
    if (name != NULL) {
        const size_t output = find_output(g, name);
        if (from->count == CVY_SOURCES_MAX)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "it has more than %d inputs", CVY_SOURCES_MAX);
        *is_known = *is_known && output != NOT_READ;
        from->outputs[from->count++] = output;
        return CVY_OK;
    }
    json_array_foreach(node, i, value)
    {
        if (status == CVY_OK)
            status = collect(g, value, depth + 1, from, is_known);
    }
    json_object_foreach(node, key, value)
    {
        if (status == CVY_OK)
            status = collect(g, value, depth + 1, from, is_known);
    }
    return status;
}

/* Reads a layer if all that it is given is there; *has_read says so. */
static cvy_status read_node(builder *b, graph *g, size_t i, const surroundings *around,
                            const sources *input, bool *has_read)
{
    json_t *entry = json_array_get(g->layers, i);
    json_t *nodes = json_object_get(entry, "inbound_nodes");
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    sources from = { 0 };
    bool is_known = true;

    *has_read = false;
    if (json_array_size(nodes) > 1)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "a layer that is used %zu times, with the same weights, is not supported; "
                        "give each use a layer of its own",
                        json_array_size(nodes));
    cvy_status status = collect(g, nodes, 0, &from, &is_known);
    if (status != CVY_OK || !is_known)
        return status;
    if (class_name != NULL && strcmp(class_name, "InputLayer") == 0)
        from = *input;
    else if (from.count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "it has no inbound_nodes");
    status = add_layer(b, entry, around, &from, &g->outputs[i]);
    *has_read = true;
    return status;
}

static cvy_status read_nodes(builder *b, graph *g, const surroundings *around, const sources *input)
{
    const size_t count = json_array_size(g->layers);
    size_t left = count;

    while (left > 0) {
        const size_t before = left;
        for (size_t i = 0; i < count; i++) {
            bool has_read = true;
            if (g->outputs[i] != NOT_READ)
                continue;
            cvy_status status = read_node(b, g, i, around, input, &has_read);
            if (status != CVY_OK)
                return cvy_fail_at(status, "layer %zu", i + 1);
            left -= has_read;
        }
        if (left == before)
            return cvy_fail(CVY_ERR_FORMAT,
                            "inbound_nodes: %zu layers are given outputs that nobody makes", left);
    }
    return CVY_OK;
}

static cvy_status add_functional(builder *b, json_t *config, const surroundings *around,
                                 const sources *from, size_t *output)
{
    graph g = { .layers = json_object_get(config, "layers") };
    sources ends = { 0 };
    bool is_known = true;
    cvy_status status = cvy_memory_create(json_array_size(g.layers), sizeof *g.outputs, &g.outputs);

    for (size_t i = 0; status == CVY_OK && i < json_array_size(g.layers); i++)
        g.outputs[i] = NOT_READ;
    if (status == CVY_OK)
        status = read_nodes(b, &g, around, from);
    if (status == CVY_OK)
        status = collect(&g, json_object_get(config, "output_layers"), 0, &ends, &is_known);
    if (status == CVY_OK && (ends.count != 1 || !is_known))
        status = cvy_fail(CVY_ERR_UNSUPPORTED,
                          "output_layers: found %zu, expected one; split the model", ends.count);
    cvy_memory_free(g.outputs);
    *output = ends.outputs[0];
    return status;
}

static cvy_status add_model(builder *b, json_t *root, const surroundings *around,
                            const sources *from, size_t *output)
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
    if (around->depth > NESTED_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "models are nested more than %d deep", NESTED_MAX);
    return strcmp(class_name, "Sequential") == 0 ? add_sequence(b, layers, around, from, output)
                                                 : add_functional(b, config, around, from, output);
}

/* --- the whole --- */

static bool mentions_channels_first(json_t *value, size_t depth)
{
    const char *key;
    json_t *member;
    size_t i;

    if (depth > 4 * NESTED_MAX)
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

    if (depth > 8 * NESTED_MAX)
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

/* The layers that the output does not need are left out, as Keras leaves them; where it is a chain, it is
 * told. */
static cvy_status close_graph(cvy_model *model, size_t output)
{
    if (output != model->layer_count)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "the output is not that of the last layer; leave out what comes behind it");
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
                            "layer %s (%s): expected it in front of all layers with weights",
                            model->layers[i].name, model->layers[i].kind->class_name);
        has_weights = has_weights || model->layers[i].plan.weight_count > 0;
    }
    return CVY_OK;
}

static cvy_status read_layers(json_t *root, cvy_model *model)
{
    builder b = { .model = model, .capacity = PARTS_MAX * (count_classes(root, 0) + 1) };
    json_t *config = json_object_get(root, "config");
    const char *name = json_string_value(json_object_get(config, "name"));
    const surroundings around = { 0, name != NULL ? name : "model", false };
    size_t output;

    b.is_channels_first = mentions_channels_first(root, 0);
    cvy_status status = cvy_memory_create(b.capacity, sizeof *model->layers, &model->layers);
    snprintf(model->name, sizeof model->name, "%s", name != NULL ? name : "sequential");
    if (status == CVY_OK)
        status = add_model(&b, root, &around, &(sources){ 1, { 0 } }, &output);
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
        json_t *copy = json_deep_copy(root); /* which is changed while it is read */
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
        /* a setting that is wrong in a file is the file's fault, not the user's */
        return cvy_fail_at(status == CVY_ERR_SETTING ? CVY_ERR_FORMAT : status, "%s", source);
    }
    *result = model;
    return CVY_OK;
}
