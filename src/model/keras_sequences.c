/* Represents sequences as images with one row. The order of values in memory is the same: (steps,
 * features) and [1][steps][features] are the same bytes, and so are kernels of size k and 1 x k. */
#include "model/keras_sequences.h"

#include <stdio.h>
#include <string.h>

static cvy_status set_new(json_t *config, const char *key, json_t *value)
{
    return value != NULL && json_object_set_new(config, key, value) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

/* --- settings --- */

/* Widen a number, or a list of one number, to [first, number]: rows, columns. */
static cvy_status widen(json_t *config, const char *key, json_int_t first)
{
    json_t *value = json_object_get(config, key);

    if (json_is_array(value) && json_array_size(value) != 1)
        return cvy_fail(CVY_ERR_FORMAT, "%s: found %zu numbers, expected one", key,
                        json_array_size(value));
    if (json_is_array(value))
        value = json_array_get(value, 0);
    return json_is_integer(value)
               ? set_new(config, key, json_pack("[IO]", first, value))
               : CVY_OK; /* null and absent stay; anything else is refused later, as in 2D */
}

/* Widen borders before and after, n or [n, m]. */
static cvy_status widen_borders(json_t *config, const char *key)
{
    json_t *value = json_object_get(config, key);

    if (json_is_integer(value))
        return set_new(config, key, json_pack("[[ii][OO]]", 0, 0, value, value));
    return json_array_size(value) == 2 ? set_new(config, key, json_pack("[[ii]O]", 0, 0, value))
                                       : CVY_OK;
}

/* Widen an axis: 1 is the steps, 2 the features. 0 and negative axes stay. */
static json_int_t widen_axis(json_int_t axis)
{
    return axis > 0 ? axis + 1 : axis;
}

static cvy_status widen_axes(json_t *config, const char *key)
{
    json_t *axes = json_object_get(config, key), *axis;
    size_t i;

    if (json_is_integer(axes))
        return set_new(config, key, json_integer(widen_axis(json_integer_value(axes))));
    json_array_foreach(axes, i, axis)
    {
        if (json_is_integer(axis) &&
            json_array_set_new(axes, i, json_integer(widen_axis(json_integer_value(axis)))) != 0)
            return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    }
    return CVY_OK;
}

/* Widen a list of axes. All axes of a sequence become all axes of the image. */
static cvy_status widen_all_axes(json_t *config, const char *key)
{
    json_t *axes = json_object_get(config, key);
    cvy_status status = widen_axes(config, key);

    return status == CVY_OK && json_array_size(axes) == 2
               ? set_new(config, key, json_pack("[iii]", 1, 2, 3))
               : status;
}

/* Widen (samples, steps, features). */
static cvy_status widen_shape(json_t *config, const char *key)
{
    json_t *shape = json_object_get(config, key);

    if (json_array_size(shape) != 3)
        return CVY_OK;
    return json_array_insert_new(shape, 1, json_integer(1)) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

static cvy_status widen_dims(json_t *config)
{
    json_t *dims = json_object_get(config, "dims");

    if (json_array_size(dims) != 2)
        return CVY_OK;
    cvy_status status = widen_axes(config, "dims");
    return status != CVY_OK || json_array_insert_new(dims, 0, json_integer(1)) == 0
               ? status
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

/* Widen the settings of a layer used as activation: PReLU. */
static cvy_status widen_activation(json_t *config)
{
    json_t *inside = json_object_get(json_object_get(config, "activation"), "config");

    return json_is_object(inside) ? widen_axes(inside, "shared_axes") : CVY_OK;
}

static cvy_status widen_settings(json_t *config, const char *class_name)
{
    static const char *const pairs[] = {
        "kernel_size", "strides", "dilation_rate", "pool_size", "size", "output_padding",
    };
    cvy_status status = widen_activation(config);

    if (strstr(class_name, "1D") != NULL) {
        for (size_t i = 0; status == CVY_OK && i < sizeof pairs / sizeof *pairs; i++)
            status = widen(config, pairs[i], strcmp(pairs[i], "output_padding") == 0 ? 0 : 1);
        if (status == CVY_OK)
            status = widen_borders(config, "padding");
        return status == CVY_OK ? widen_borders(config, "cropping") : status;
    }
    status =
        strcmp(class_name, "LayerNormalization") == 0 || strcmp(class_name, "RMSNormalization") == 0
            ? widen_all_axes(config, "axis")
            : widen_axes(config, "axis");
    if (status == CVY_OK)
        status = widen_axes(config, "shared_axes");
    if (status == CVY_OK)
        status = widen_shape(config, "noise_shape");
    return status == CVY_OK ? widen_dims(config) : status;
}

/* --- classes --- */

static const struct {
    const char *class_name, *twin;
} twins[] = {
    { "Conv1D", "Conv2D" },
    { "SeparableConv1D", "SeparableConv2D" },
    { "DepthwiseConv1D", "DepthwiseConv2D" },
    { "Conv1DTranspose", "Conv2DTranspose" },
    { "MaxPooling1D", "MaxPooling2D" },
    { "AveragePooling1D", "AveragePooling2D" },
    { "GlobalMaxPooling1D", "GlobalMaxPooling2D" },
    { "GlobalAveragePooling1D", "GlobalAveragePooling2D" },
    { "UpSampling1D", "UpSampling2D" },
    { "ZeroPadding1D", "ZeroPadding2D" },
    { "Cropping1D", "Cropping2D" },
    { "SpatialDropout1D", "SpatialDropout2D" },
};

static const char *twin_of(const char *class_name)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (strcmp(twins[i].class_name, class_name) == 0)
            return twins[i].twin;
    return NULL;
}

/* Whether a layer depends only on the order of values, or treats each value separately. */
static bool is_without_axes(const char *class_name, json_t *config)
{
    static const char *const names[] = {
        "Flatten",
        "Reshape",
        "Identity",
        "ReLU",
        "LeakyReLU",
        "ELU",
        "Dropout",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
        "ActivityRegularization",
    };

    if (strcmp(class_name, "Rescaling") == 0)
        return !json_is_array(json_object_get(config, "scale"));
    if (strcmp(class_name, "Activation") == 0) {
        const char *function = json_string_value(json_object_get(config, "activation"));
        return function == NULL ||
               (strstr(function, "softmax") == NULL && strcmp(function, "glu") != 0 &&
                strcmp(function, "sparsemax") != 0);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], class_name) == 0)
            return json_is_null(json_object_get(config, "noise_shape")) ||
                   json_object_get(config, "noise_shape") == NULL;
    return false;
}

static cvy_status reshape_source(cvy_draft *b, size_t *source)
{
    const cvy_shape shape = cvy_draft_shape(b, *source);
    char spec[120];

    if (b->sides[*source] != CVY_SIDES_MATRIX)
        return CVY_OK;
    snprintf(spec, sizeof spec, "reshape:target_shape=[1;%zu;%zu]", shape.dims[0], shape.dims[1]);
    cvy_status status = cvy_draft_add_part(
        b, *source > 0 ? b->model->layers[*source - 1].name : "input", spec, *source);
    *source = b->model->layer_count;
    if (status == CVY_OK)
        b->sides[*source] = CVY_SIDES_SEQUENCE;
    return status;
}

static cvy_status check_sequence(const cvy_draft *b, json_t *config, const cvy_sources *from,
                                 const char *class_name, size_t sequences)
{
    const cvy_shape in = cvy_draft_shape(b, from->outputs[0]);
    const char *padding = json_string_value(json_object_get(config, "padding"));
    char shape[64];

    cvy_shape_print(in, shape, sizeof shape);
    if (twin_of(class_name) != NULL && (sequences == 0 || b->is_channels_first))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: its input is %s%s, expected steps and features; put a Reshape to two "
                        "sides before it, or use %s",
                        class_name, shape, b->is_channels_first ? " with channels first" : "",
                        twin_of(class_name));
    if (padding != NULL && strcmp(padding, "causal") == 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: padding causal is not supported; use ZeroPadding1D before it, and "
                        "padding valid",
                        class_name);
    if (sequences > 0 && strstr(class_name, "2D") != NULL &&
        b->sides[from->outputs[0]] == CVY_SIDES_SEQUENCE)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: its input has two sides, %zu x %zu, expected an image; put a Reshape "
                        "to three sides before it",
                        class_name, in.dims[1], in.dims[2]);
    return CVY_OK;
}

cvy_status cvy_keras_take_sequence(cvy_draft *b, json_t *config, cvy_sources *from,
                                   const char **class_name)
{
    const char *given = *class_name;
    size_t sequences = 0, reshaped = 0;

    for (size_t i = 0; i < from->count; i++) {
        sequences += b->sides[from->outputs[i]] != CVY_SIDES_OTHER;
        reshaped += b->sides[from->outputs[i]] == CVY_SIDES_SEQUENCE;
    }
    cvy_status status = check_sequence(b, config, from, given, sequences);
    if (status != CVY_OK || sequences == 0 || b->is_channels_first)
        return status;
    if (twin_of(given) == NULL && (strstr(given, "2D") != NULL || strstr(given, "Random") != NULL))
        return CVY_OK; /* convoy treats two sides as an image with one channel */
    if (is_without_axes(given, config) && (from->count == 1 || reshaped == 0))
        return CVY_OK;
    for (size_t i = 0; status == CVY_OK && i < from->count; i++)
        status = reshape_source(b, &from->outputs[i]);
    if (status == CVY_OK)
        status = widen_settings(config, given);
    if (twin_of(given) != NULL)
        *class_name = twin_of(given);
    return status;
}
