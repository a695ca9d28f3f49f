/* Reads the config of a layer in Keras's JSON. Every value is converted to the text that a user
 * would type, and then parsed like any setting. */
#include "model/keras_config.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/keras_json.h"

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

static cvy_status check_bookkeeping(json_t *config)
{
    json_t *dtype = json_object_get(config, "dtype");
    if (json_is_object(dtype))
        dtype = json_object_get(json_object_get(dtype, "config"), "name");
    const char *name = json_string_value(dtype);
    /* mixed_float16 and mixed_bfloat16 have float32 weights;
     * convoy computes everything in float32 */
    if (name != NULL && strcmp(name, "float32") != 0 && strncmp(name, "mixed_", 6) != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "dtype \"%s\" is not supported, expected float32 or mixed_float16", name);
    return CVY_OK;
}

cvy_status cvy_keras_read_config(const cvy_layer_kind *kind, json_t *config, void *settings)
{
    const char *key;
    json_t *value;
    char text[CVY_KERAS_VALUE_BYTES];
    cvy_status status = check_bookkeeping(config);

    if (kind->kind.settings != NULL)
        cvy_settings_default(kind->kind.settings, settings);
    json_object_foreach(config, key, value)
    {
        if (status != CVY_OK)
            return status;
        const cvy_setting *row =
            kind->kind.settings != NULL ? cvy_setting_find(kind->kind.settings, key) : NULL;
        if (row != NULL && json_is_null(value) && ends_in(key, "_initializer"))
            status = cvy_setting_parse(row, "glorot_uniform", settings); /* as in Keras */
        if (json_is_null(value) || (row == NULL && cvy_keras_is_bookkeeping(key)))
            continue;
        cvy_keras_print_setting(key, value, text);
        if (row == NULL)
            status = cvy_fail(CVY_ERR_UNSUPPORTED, "%s=%s is not supported", key, text);
        else
            status = cvy_setting_parse(row, text, settings);
    }
    for (const cvy_setting *row = kind->kind.settings;
         status == CVY_OK && row != NULL && row->name != NULL; row++)
        if (row->fallback == NULL && (json_object_get(config, row->name) == NULL ||
                                      json_is_null(json_object_get(config, row->name))))
            status = cvy_fail(CVY_ERR_FORMAT, "%s is missing", row->name);
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

/* Read one side of an input: a positive number within the limits. */
static cvy_status read_side(json_t *shape, size_t index, size_t *side)
{
    json_t *value = json_array_get(shape, index);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : 0;

    if (json_is_null(value))
        return cvy_fail(CVY_ERR_SHAPE,
                        "batch_shape: entry %zu is null, expected 1 to %d: write the size of the "
                        "images there",
                        index, CVY_FEATURES_MAX);
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

/* Convert an axis of a sample with channels first (1, 2, 3 or negative) to that with channels last.
 * 0 and values out of range stay. */
static json_int_t turn_axis(json_int_t axis)
{
    const json_int_t from_start = axis < 0 ? axis + 4 : axis;

    switch (from_start) {
    case 1:
        return -1; /* channels */
    case 2:
        return 1;
    case 3:
        return 2;
    default:
        return axis;
    }
}

static cvy_status turn_axes(json_t *config, const char *key)
{
    json_t *axes = json_object_get(config, key);
    int failed = 0;

    if (json_is_integer(axes))
        failed =
            json_object_set_new(config, key, json_integer(turn_axis(json_integer_value(axes))));
    for (size_t i = 0; i < json_array_size(axes); i++)
        if (json_is_integer(json_array_get(axes, i)))
            failed |= json_array_set_new(
                axes, i, json_integer(turn_axis(json_integer_value(json_array_get(axes, i)))));
    return failed == 0 ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

/* Reorder [samples, channels, rows, columns] to [samples, rows, columns, channels]. */
static cvy_status turn_sides(json_t *config, const char *key)
{
    json_t *sides = json_object_get(config, key);

    if (json_array_size(sides) != 4)
        return CVY_OK;
    json_t *turned = json_pack("[OOOO]", json_array_get(sides, 0), json_array_get(sides, 2),
                               json_array_get(sides, 3), json_array_get(sides, 1));
    return turned != NULL && json_object_set_new(config, key, turned) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

/* Convert dims of Permute, where side i of the output is side dims[i] of the input. */
static cvy_status turn_dims(json_t *config)
{
    static const size_t kept_first[] = { 2, 3, 1 }; /* of rows, columns, channels */
    json_t *dims = json_object_get(config, "dims"), *turned = json_array();

    if (json_array_size(dims) != 3) {
        json_decref(turned);
        return CVY_OK;
    }
    for (size_t d = 0; d < 3; d++) {
        const json_int_t of =
            turn_axis(json_integer_value(json_array_get(dims, kept_first[d] - 1)));
        cvy_json_append(&turned, json_integer(of == -1 ? 3 : of));
    }
    return json_object_set_new(config, "dims", turned) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

cvy_status cvy_keras_turn_channels(json_t *config, cvy_shape in)
{
    cvy_status status = CVY_OK;

    if (json_object_get(config, "data_format") != NULL &&
        json_object_set_new(config, "data_format", json_string("channels_last")) != 0)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    if (in.rank != 3)
        return CVY_OK;
    status = turn_axes(config, "axis");
    if (status == CVY_OK)
        status = turn_axes(config, "shared_axes");
    if (status == CVY_OK)
        status = turn_sides(config, "noise_shape");
    return status == CVY_OK ? turn_dims(config) : status;
}
