/* Architectures as Keras writes them: the JSON of Sequential.to_json(). Every value becomes the
 * text a user would type and takes the path of all settings. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/objective.h"

enum { VALUE_BYTES = 1024 };

/* Keys that say nothing about what is computed. */
static bool is_bookkeeping(const char *key)
{
    static const char *const keys[] = { "name", "trainable", "dtype", "seed", "batch_input_shape" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* "GlorotUniform" as "glorot_uniform", "L1L2" as "l1l2". */
static void print_snake_case(const char *class_name, char *text, size_t size)
{
    size_t length = 0;
    for (const char *c = class_name; *c != '\0' && length + 2 < size; c++) {
        if (isupper((unsigned char)*c) && c != class_name && !isdigit((unsigned char)c[-1]))
            text[length++] = '_';
        text[length++] = (char)tolower((unsigned char)*c);
    }
    text[length] = '\0';
}

/* Append to a text of VALUE_BYTES; what does not fit is refused by whoever reads the text. */
static void append(char *text, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, VALUE_BYTES - length, "%s", more);
}

static void print_scalar(const json_t *value, char *text)
{
    char number[64];

    if (json_is_string(value)) {
        append(text, json_string_value(value));
    } else if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        append(text, number);
    } else if (json_is_real(value)) {
        int digits = 15; /* as few as read back to the same */
        do {
            snprintf(number, sizeof number, "%.*g", digits, json_real_value(value));
        } while (strtod(number, NULL) != json_real_value(value) && digits++ < 17);
        append(text, number);
    } else {
        append(text, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

static void print_list(const json_t *list, char *text)
{
    append(text, "[");
    for (size_t i = 0; i < json_array_size(list); i++) {
        append(text, i > 0 ? ";" : "");
        print_scalar(json_array_get(list, i), text);
    }
    append(text, "]");
}

/* Keras's other names of what has one here. */
static const char *plain_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        { "normal", "random_normal" },
        { "uniform", "random_uniform" },
        { "one", "ones" },
        { "zero", "zeros" },
        { "identity_initializer", "identity" },
        { "orthogonal_initializer", "orthogonal" },
        { "le_cun_uniform", "lecun_uniform" },
        { "le_cun_normal", "lecun_normal" },
        { "nonneg", "non_neg" },
        { "maxnorm", "max_norm" },
        { "unitnorm", "unit_norm" },
        { "l1_l2", "l1l2" },
        { "re_l_u", "relu" },
        { "leaky_re_l_u", "leaky_relu" },
        { "p_re_l_u", "prelu" },
        { "e_l_u", "elu" },
    };

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            return aliases[i].name;
    return name;
}

/* {"class_name": "RandomNormal", "config": {"mean": 0, ...}} as "random_normal:mean=0,...". */
static void print_object(json_t *value, char *text)
{
    const char *class_name = json_string_value(json_object_get(value, "class_name")), *key;
    char name[CVY_NAME_BYTES];
    const char *separator = ":";
    json_t *entry;

    if (json_is_string(json_object_get(value, "config"))) { /* a function by its name */
        append(text, json_string_value(json_object_get(value, "config")));
        return;
    }
    if (json_is_number(json_object_get(value, "value"))) { /* a NumPy number of Keras 2 */
        print_scalar(json_object_get(value, "value"), text);
        return;
    }
    print_snake_case(class_name != NULL ? class_name : "object", name, sizeof name);
    append(text, plain_name(name));
    json_object_foreach(json_object_get(value, "config"), key, entry)
    {
        if (json_is_null(entry) || is_bookkeeping(key))
            continue;
        append(text, separator);
        append(text, key);
        append(text, "=");
        if (json_is_array(entry))
            print_list(entry, text);
        else
            print_scalar(entry, text);
        separator = ",";
    }
}

static void print_value(json_t *value, char text[VALUE_BYTES])
{
    text[0] = '\0';
    if (json_is_object(value)) {
        print_object(value, text);
    } else if (json_is_array(value)) {
        print_list(value, text);
    } else {
        print_scalar(value, text);
    }
}

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

/* What stands for a kind may be its class's name: "GlorotUniform". */
static void print_setting(const char *key, json_t *value, char text[VALUE_BYTES])
{
    char name[VALUE_BYTES];

    print_value(value, text);
    if (!json_is_string(value) || !(ends_in(key, "_initializer") || ends_in(key, "_regularizer") ||
                                    ends_in(key, "_constraint")))
        return;
    print_snake_case(text, name, sizeof name);
    snprintf(text, VALUE_BYTES, "%s", plain_name(name));
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
    char text[VALUE_BYTES];
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
        if (json_is_null(value) || (row == NULL && is_bookkeeping(key)))
            continue;
        print_setting(key, value, text);
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

/* A list of the classes we have, for a sentence. */
static void print_classes(char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; cvy_layer_kinds[i] != NULL && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? ", " : "",
                                   ((const cvy_layer_kind *)cvy_layer_kinds[i])->class_name);
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
static cvy_status read_input_shape(json_t *shape, cvy_shape *input)
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
    if (sides[2] > CVY_CHANNELS_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "batch_shape: %zu channels, expected 1 to %d",
                        sides[2], CVY_CHANNELS_MAX);
    return cvy_shape_image(sides[0], sides[1], sides[2], input);
}

static cvy_layer *next_layer(cvy_model *model, const cvy_layer_kind *kind, const char *name)
{
    cvy_layer *layer = &model->layers[model->layer_count];
    layer->kind = kind;
    snprintf(layer->name, sizeof layer->name, "%s", name);
    return layer;
}

/* A layer that belongs to the one before it, in Keras's counting; its settings come from a spec. */
static cvy_status add_part(cvy_model *model, const char *owner_name, const char *spec, cvy_shape in)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    cvy_layer *layer = next_layer(model, (const cvy_layer_kind *)kind, owner_name);
    layer->is_part_of_previous = true;
    layer->settings = settings;
    model->layer_count++;
    return cvy_layer_plan_make(layer, in);
}

/* A function by its name, or a layer as a spec. */
static cvy_status add_activation(cvy_model *model, const cvy_layer *owner)
{
    const char *name = owner->kind->activation(owner->settings);
    char spec[VALUE_BYTES];

    if (strcmp(name, "linear") == 0)
        return CVY_OK;
    const bool is_layer = strchr(name, ':') != NULL;
    snprintf(spec, sizeof spec, "%s%s", is_layer ? "" : "activation:activation=", name);
    return add_part(model, owner->name, spec, owner->plan.out);
}

/* What the penalty of a layer's output says, as a layer behind it and its activation. */
static cvy_status add_activity_penalty(cvy_model *model, const cvy_layer *owner)
{
    const cvy_setting *row = cvy_setting_find(owner->kind->kind.settings, "activity_regularizer");
    cvy_regularizer penalty;
    char spec[VALUE_BYTES];

    if (row == NULL)
        return CVY_OK;
    cvy_status status = cvy_regularizer_read((const char *)owner->settings + row->offset, &penalty);
    if (status != CVY_OK || cvy_regularizer_is_none(&penalty))
        return status;
    snprintf(spec, sizeof spec, "activity_regularization:l1=%.17g,l2=%.17g", penalty.l1,
             penalty.l2);
    return add_part(model, owner->name, spec, cvy_model_output(model));
}

/* Keras gives every layer of a model a name of its own; weights are stored under it. */
static cvy_status check_name(const cvy_model *model, const char *name)
{
    if (*name == '\0' || strlen(name) >= CVY_NAME_BYTES || strpbrk(name, "/\"\\") != NULL)
        return cvy_fail(CVY_ERR_FORMAT,
                        "name \"%.80s\", expected 1 to %d characters without / \" \\", name,
                        CVY_NAME_BYTES - 1);
    for (size_t i = 0; i < model->layer_count; i++)
        if (strcmp(model->layers[i].name, name) == 0)
            return cvy_fail(CVY_ERR_FORMAT, "name \"%s\" is used twice", name);
    return CVY_OK;
}

static cvy_status add_layer(cvy_model *model, json_t *entry)
{
    json_t *config = json_object_get(entry, "config");
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    const char *given = json_string_value(json_object_get(config, "name"));
    char name[CVY_NAME_BYTES], classes[512];

    if (class_name == NULL || !json_is_object(config))
        return cvy_fail(CVY_ERR_FORMAT, "expected an object with class_name and config");
    if (strcmp(class_name, "InputLayer") == 0) {
        if (model->layer_count > 0 || model->input.rank != 0)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "InputLayer: expected one, at the beginning");
        return read_input_shape(json_object_get(config, "batch_shape"), &model->input);
    }
    const cvy_layer_kind *kind = find_class(class_name);
    if (kind == NULL) {
        print_classes(classes, sizeof classes);
        return cvy_fail(CVY_ERR_UNSUPPORTED, "a %.80s layer is not supported, expected one of %s",
                        class_name, classes);
    }
    if (model->input.rank == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: an InputLayer with batch_shape must come first",
                        class_name);

    snprintf(name, sizeof name, "%s_%zu", kind->kind.name, model->layer_count);
    cvy_status status = check_name(model, given != NULL ? given : name);
    if (status != CVY_OK)
        return status;
    const cvy_shape in = cvy_model_output(model);
    cvy_layer *layer = next_layer(model, kind, given != NULL ? given : name);
    status = cvy_memory_create(1, kind->kind.settings_size, &layer->settings);
    if (status != CVY_OK)
        return status;
    status = read_config(kind, config, layer->settings);
    if (status == CVY_OK)
        status = cvy_layer_plan_make(layer, in);
    model->layer_count++;
    layer->is_frozen = json_is_false(json_object_get(config, "trainable"));
    if (status == CVY_OK && kind->activation != NULL)
        status = add_activation(model, layer);
    if (status == CVY_OK && kind->kind.settings != NULL)
        status = add_activity_penalty(model, layer);
    return status;
}

static cvy_status read_layers(json_t *root, cvy_model *model)
{
    json_t *config = json_object_get(root, "config");
    json_t *layers = json_object_get(config, "layers");
    const char *class_name = json_string_value(json_object_get(root, "class_name"));

    if (class_name == NULL || strcmp(class_name, "Sequential") != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "a model of class \"%.80s\" is not supported, expected Sequential",
                        class_name != NULL ? class_name : "(none)");
    size_t count = json_array_size(layers);
    if (count < 1 || count > CVY_LAYERS_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "config.layers holds %zu layers, expected 1 to %d", count,
                        CVY_LAYERS_MAX);
    /* each may bring an activation and a penalty of its own */
    cvy_status status = cvy_memory_create(3 * count, sizeof *model->layers, &model->layers);
    const char *name = json_string_value(json_object_get(config, "name"));
    snprintf(model->name, sizeof model->name, "%s", name != NULL ? name : "sequential");
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        status = add_layer(model, json_array_get(layers, i));
        if (status != CVY_OK)
            status = cvy_fail_at(status, "layer %zu", i + 1);
    }
    if (status == CVY_OK && model->layer_count == 0)
        status = cvy_fail(CVY_ERR_FORMAT, "there is no layer behind the InputLayer");
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
        model->pixel_scale = 1.0f / 255;
        status = read_layers(root, model);
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
