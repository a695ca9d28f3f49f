#include "model/keras_channels.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const char *const turn = "permute:dims=[1;3;2]"; /* swaps columns and channels */

/* Add one of the layers that an operation becomes. The first is a layer of its own, the others are
 * parts of it. */
static cvy_status add(cvy_draft *b, const char *name, const char *spec, size_t begin,
                      size_t *output)
{
    char own[CVY_NAME_BYTES];

    snprintf(own, sizeof own, "%.200s_part", name);
    cvy_status status = cvy_draft_add_part(b, own, spec, *output);
    if (status != CVY_OK)
        return status;
    if (b->model->layer_count == begin + 1)
        b->model->layers[begin].is_part_of_previous = false;
    *output = b->model->layer_count;
    return CVY_OK;
}

cvy_status cvy_keras_pool_channels(cvy_draft *b, const char *name, bool is_maximum, size_t *output)
{
    const size_t begin = b->model->layer_count, channels = cvy_draft_shape(b, *output).dims[2];
    char pool[128];

    snprintf(pool, sizeof pool, "%s_pooling2d:pool_size=[1;%zu],strides=[1;%zu]",
             is_maximum ? "max" : "average", channels, channels);
    cvy_status status = add(b, name, turn, begin, output);
    if (status == CVY_OK)
        status = add(b, name, pool, begin, output);
    return status == CVY_OK ? add(b, name, turn, begin, output) : status;
}

/* Resolve a bound of a slice; a negative one counts from the end. */
static json_int_t bound(json_t *value, json_int_t size, json_int_t otherwise)
{
    if (!json_is_integer(value))
        return otherwise;
    const json_int_t at = json_integer_value(value);
    const json_int_t counted = at < 0 ? (at < -size ? 0 : at + size) : at;
    return counted < size ? counted : size;
}

/* Compute how much a slice removes at the beginning and at the end of a side. */
static cvy_status read_slice(json_t *slice, size_t side, size_t cut[2])
{
    json_t *config = json_object_get(slice, "config"), *step = json_object_get(config, "step");
    const json_int_t size = (json_int_t)side;

    if (!json_is_object(config) || (json_is_integer(step) && json_integer_value(step) != 1))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "a slice with a step, or an index alone, is not supported; use Cropping2D");
    const json_int_t begin = bound(json_object_get(config, "start"), size, 0);
    const json_int_t end = bound(json_object_get(config, "stop"), size, size);
    if (begin >= end)
        return cvy_fail(CVY_ERR_SHAPE, "the slice leaves nothing of %zu values", side);
    cut[0] = (size_t)begin;
    cut[1] = (size_t)(size - end);
    return CVY_OK;
}

static cvy_status crop(cvy_draft *b, const char *name, const size_t rows[2],
                       const size_t columns[2], size_t begin, size_t *output)
{
    char spec[160];

    if (rows[0] + rows[1] + columns[0] + columns[1] == 0)
        return CVY_OK;
    snprintf(spec, sizeof spec, "cropping2d:cropping=[%zu;%zu;%zu;%zu]", rows[0], rows[1],
             columns[0], columns[1]);
    return add(b, name, spec, begin, output);
}

cvy_status cvy_keras_slice(cvy_draft *b, const char *name, json_t *slices, size_t *output)
{
    static const size_t none[2] = { 0 };
    const cvy_shape in = cvy_draft_shape(b, *output);
    const size_t begin = b->model->layer_count;
    size_t samples[2], cuts[3][2] = { { 0 } };

    if (in.rank != 3 || b->is_channels_first || b->sides[*output] != CVY_SIDES_OTHER ||
        json_array_size(slices) < 1 || json_array_size(slices) > 4)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "slices are supported of images with channels last; use Cropping2D");
    cvy_status status = read_slice(json_array_get(slices, 0), CVY_SIDE_MAX, samples);
    if (status == CVY_OK && samples[0] + samples[1] > 0)
        status = cvy_fail(CVY_ERR_UNSUPPORTED, "a slice of the samples is not supported");
    for (size_t i = 0; status == CVY_OK && i + 1 < json_array_size(slices); i++)
        status = read_slice(json_array_get(slices, i + 1), in.dims[i], cuts[i]);
    if (status == CVY_OK)
        status = crop(b, name, cuts[0], cuts[1], begin, output);
    if (status != CVY_OK || cuts[2][0] + cuts[2][1] == 0)
        return status;
    status = add(b, name, turn, begin, output);
    if (status == CVY_OK)
        status = crop(b, name, none, cuts[2], begin, output);
    return status == CVY_OK ? add(b, name, turn, begin, output) : status;
}
