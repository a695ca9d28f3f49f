/* The list of layer kinds, and their shared parts: shapes, windows, planning. */
#include "layers/layer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "layers/initializer.h"

extern const cvy_layer_kind cvy_layer_input, cvy_layer_conv2d, cvy_layer_max_pooling2d,
    cvy_layer_average_pooling2d, cvy_layer_flatten, cvy_layer_dense, cvy_layer_activation,
    cvy_layer_relu, cvy_layer_leaky_relu, cvy_layer_elu, cvy_layer_softmax, cvy_layer_dropout,
    cvy_layer_batch_normalization, cvy_layer_activity_regularization, cvy_layer_zero_padding2d,
    cvy_layer_cropping2d, cvy_layer_up_sampling2d, cvy_layer_reshape, cvy_layer_rescaling,
    cvy_layer_global_average_pooling2d, cvy_layer_global_max_pooling2d, cvy_layer_depthwise_conv2d,
    cvy_layer_prelu, cvy_layer_layer_normalization, cvy_layer_group_normalization,
    cvy_layer_unit_normalization, cvy_layer_gaussian_noise, cvy_layer_gaussian_dropout,
    cvy_layer_alpha_dropout, cvy_layer_spatial_dropout2d, cvy_layer_random_flip,
    cvy_layer_random_translation, cvy_layer_random_rotation, cvy_layer_random_zoom, cvy_layer_add,
    cvy_layer_subtract, cvy_layer_multiply, cvy_layer_average, cvy_layer_maximum, cvy_layer_minimum,
    cvy_layer_concatenate, cvy_layer_permute, cvy_layer_conv2d_transpose, cvy_layer_normalization,
    cvy_layer_rms_normalization, cvy_layer_random_contrast, cvy_layer_random_brightness,
    cvy_layer_random_shear, cvy_layer_random_erasing, cvy_layer_random_elastic_transform,
    cvy_layer_mix_up, cvy_layer_cut_mix, cvy_layer_resizing;

const cvy_kind *const cvy_layer_kinds[] = {
    &cvy_layer_input.kind,
    &cvy_layer_conv2d.kind,
    &cvy_layer_max_pooling2d.kind,
    &cvy_layer_average_pooling2d.kind,
    &cvy_layer_flatten.kind,
    &cvy_layer_dense.kind,
    &cvy_layer_activation.kind,
    &cvy_layer_relu.kind,
    &cvy_layer_leaky_relu.kind,
    &cvy_layer_elu.kind,
    &cvy_layer_softmax.kind,
    &cvy_layer_dropout.kind,
    &cvy_layer_batch_normalization.kind,
    &cvy_layer_activity_regularization.kind,
    &cvy_layer_zero_padding2d.kind,
    &cvy_layer_cropping2d.kind,
    &cvy_layer_up_sampling2d.kind,
    &cvy_layer_reshape.kind,
    &cvy_layer_rescaling.kind,
    &cvy_layer_global_average_pooling2d.kind,
    &cvy_layer_global_max_pooling2d.kind,
    &cvy_layer_depthwise_conv2d.kind,
    &cvy_layer_prelu.kind,
    &cvy_layer_layer_normalization.kind,
    &cvy_layer_group_normalization.kind,
    &cvy_layer_unit_normalization.kind,
    &cvy_layer_gaussian_noise.kind,
    &cvy_layer_gaussian_dropout.kind,
    &cvy_layer_alpha_dropout.kind,
    &cvy_layer_spatial_dropout2d.kind,
    &cvy_layer_random_flip.kind,
    &cvy_layer_random_translation.kind,
    &cvy_layer_random_rotation.kind,
    &cvy_layer_random_zoom.kind,
    &cvy_layer_add.kind,
    &cvy_layer_subtract.kind,
    &cvy_layer_multiply.kind,
    &cvy_layer_average.kind,
    &cvy_layer_maximum.kind,
    &cvy_layer_minimum.kind,
    &cvy_layer_concatenate.kind,
    &cvy_layer_permute.kind,
    &cvy_layer_conv2d_transpose.kind,
    &cvy_layer_normalization.kind,
    &cvy_layer_rms_normalization.kind,
    &cvy_layer_random_contrast.kind,
    &cvy_layer_random_brightness.kind,
    &cvy_layer_random_shear.kind,
    &cvy_layer_random_erasing.kind,
    &cvy_layer_random_elastic_transform.kind,
    &cvy_layer_mix_up.kind,
    &cvy_layer_cut_mix.kind,
    &cvy_layer_resizing.kind,
    NULL,
};

cvy_status cvy_shape_image(size_t height, size_t width, size_t channels, cvy_shape *shape)
{
    if (height < 1 || width < 1 || channels < 1 || height > CVY_SIDE_MAX || width > CVY_SIDE_MAX ||
        channels > CVY_FEATURES_MAX / (height * width))
        return cvy_fail(CVY_ERR_SHAPE,
                        "%zu x %zu x %zu values a sample, expected sides of 1 to %d and at most %d "
                        "values",
                        height, width, channels, CVY_SIDE_MAX, CVY_FEATURES_MAX);
    *shape = (cvy_shape){ 3, { height, width, channels } };
    return CVY_OK;
}

cvy_status cvy_shape_vector(size_t features, cvy_shape *shape)
{
    if (features < 1 || features > CVY_FEATURES_MAX)
        return cvy_fail(CVY_ERR_SHAPE, "%zu values a sample, expected 1 to %d", features,
                        CVY_FEATURES_MAX);
    *shape = (cvy_shape){ 1, { features } };
    return CVY_OK;
}

void cvy_shape_print(cvy_shape shape, char *text, size_t size)
{
    if (shape.rank == 3)
        snprintf(text, size, "%zu x %zu x %zu", shape.dims[0], shape.dims[1], shape.dims[2]);
    else
        snprintf(text, size, "%zu", shape.dims[0]);
}

/* Plan one axis as in Keras. valid: floor((n - k) / s) + 1 positions. same: ceil(n / s) positions,
 * padded equally on both sides, with an odd cell at the end. */
static bool plan_axis(size_t size, size_t window, size_t stride, bool is_same, size_t *positions,
                      size_t *pad)
{
    *pad = 0;
    if (!is_same) {
        *positions = size < window ? 0 : (size - window) / stride + 1;
        return size >= window;
    }
    *positions = (size + stride - 1) / stride;
    size_t covered = (*positions - 1) * stride + window;
    *pad = covered > size ? (covered - size) / 2 : 0;
    return true;
}

cvy_status cvy_window_plan(cvy_shape in, const size_t window[2], const size_t stride[2],
                           const size_t dilation[2], bool is_same, cvy_window *result)
{
    const size_t gap_y = dilation != NULL ? dilation[0] - 1 : 0;
    const size_t gap_x = dilation != NULL ? dilation[1] - 1 : 0;
    const size_t reach_y = window[0] + (window[0] - 1) * gap_y;
    const size_t reach_x = window[1] + (window[1] - 1) * gap_x;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    *result = (cvy_window){
        .channels = in.dims[2],
        .height = in.dims[0],
        .width = in.dims[1],
        .window_height = window[0],
        .window_width = window[1],
        .stride_y = stride[0],
        .stride_x = stride[1],
        .gap_y = gap_y,
        .gap_x = gap_x,
    };
    if (!plan_axis(in.dims[0], reach_y, stride[0], is_same, &result->rows, &result->pad_top) ||
        !plan_axis(in.dims[1], reach_x, stride[1], is_same, &result->columns, &result->pad_left))
        return cvy_fail(CVY_ERR_SHAPE,
                        "a window of %zu x %zu is larger than its input of %zu x %zu", reach_y,
                        reach_x, in.dims[0], in.dims[1]);
    return CVY_OK;
}

static cvy_status check_weights(cvy_layer_plan *plan)
{
    for (size_t i = 0; i < plan->weight_count; i++) {
        cvy_weight_plan *weight = &plan->weights[i];
        weight->count = 1;
        for (size_t d = 0; d < weight->rank; d++)
            if (!cvy_size_multiply(weight->count, weight->dims[d], &weight->count) ||
                weight->count > (size_t)1 << 31)
                return cvy_fail(CVY_ERR_SHAPE, "its %s has more than 2^31 values", weight->name);
        cvy_status status = cvy_initializer_check(weight->initializer, weight->rank);
        if (status == CVY_OK && weight->regularizer != NULL)
            status = cvy_regularizer_read(weight->regularizer, &weight->penalty);
        if (status == CVY_OK && weight->constraint != NULL)
            status = cvy_constraint_read(weight->constraint, weight->rank, &weight->bond);
        if (status != CVY_OK)
            return status;
    }
    return CVY_OK;
}

/* The class of the layer that the user wrote: a part has that of the layer it belongs to. */
static const char *class_of_owner(const cvy_layer *layer)
{
    while (layer->is_part_of_previous)
        layer--;
    return layer->kind->class_name;
}

cvy_status cvy_layer_plan_merge(cvy_layer *layer, size_t count, const cvy_shape *in)
{
    const cvy_layer_kind *kind = layer->kind;

    layer->in = in[0];
    layer->plan = (cvy_layer_plan){ 0 };
    layer->source_count = count;
    for (size_t i = 0; i < count; i++)
        layer->source_values[i] = cvy_shape_count(in[i]);
    memcpy(layer->source_shapes, in, count * sizeof *in);
    cvy_status status =
        kind->plan_merge != NULL ? kind->plan_merge(layer->settings, count, in, &layer->plan)
        : count == 1             ? kind->plan(layer->settings, in[0], &layer->plan)
                                 : cvy_fail(CVY_ERR_SHAPE, "it has %zu inputs, expected 1", count);
    if (status == CVY_OK)
        status = check_weights(&layer->plan);
    return status == CVY_OK
               ? CVY_OK
               : cvy_fail_at(status, "layer %s (%s)", layer->name, class_of_owner(layer));
}

cvy_status cvy_layer_plan_make(cvy_layer *layer, cvy_shape in)
{
    return cvy_layer_plan_merge(layer, 1, &in);
}
