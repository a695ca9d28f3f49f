/* The config of a layer in Keras's JSON. Every value becomes the text that a user would type and takes the path of
 * all settings. */
#include "model/keras_config.h"

#include <stdio.h>
#include <string.h>

#include "model/keras_json.h"

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

cvy_status cvy_keras_read_config(const cvy_layer_kind *kind, json_t *config, void *settings)
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

const cvy_layer_kind *cvy_keras_find_class(const char *class_name)
{
    for (size_t i = 0; cvy_layer_kinds[i] != NULL; i++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[i];
        if (strcmp(kind->class_name, class_name) == 0)
            return kind;
    }
    return NULL;
}

const char *cvy_keras_advice(const char *class_name)
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

cvy_status cvy_keras_read_input_shape(bool is_channels_first, json_t *shape, cvy_shape *input)
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
    if (rank == 4 && is_channels_first) {
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

cvy_status cvy_keras_turn_channels(json_t *config, cvy_shape in)
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
