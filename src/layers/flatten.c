/* Turns an image into a vector, in Keras's order: row, column, channel. */
#include "layers/layer.h"

typedef struct {
    int data_format;
} flatten_settings;

static const char *const data_formats[] = { "channels_last", NULL };
static const cvy_setting settings[] = {
    { "data_format", CVY_CHOICE, offsetof(flatten_settings, data_format), "channels_last", 0, 0,
      "order of the axes: channels last", 0, data_formats },
    { 0 },
};

/* A vector counts as one position whose channels are the features. */
static size_t positions(cvy_shape shape)
{
    return shape.rank == 3 ? shape.dims[0] * shape.dims[1] : 1;
}

/* Whether values already are in Keras's order: one channel, or one position. */
static bool is_in_order(cvy_shape in)
{
    return positions(in) == 1 || positions(in) == cvy_shape_count(in);
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings_of_layer;
    plan->can_be_in_place = is_in_order(in);
    return cvy_shape_vector(cvy_shape_count(in), &plan->out);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const size_t count = positions(layer->in);
    const cvy_range range = cvy_share_range(pass->share, count, 1);

    if (x == y)
        return;
    pass->compute.kernels->lane->channels_last(cvy_shape_count(layer->in) / count, count,
                                               range.begin, range.end, x, y);
}

/* A sample's values are in Keras's order. */
static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    if (x != y)
        pass->compute.kernels->lane->copy(cvy_shape_count(layer->in), x, y);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const size_t count = positions(layer->in);
    const cvy_range range = cvy_share_range(pass->share, count, 1);

    (void)x, (void)dw;
    if (dy == dx)
        return;
    pass->compute.kernels->lane->channels_first(cvy_shape_count(layer->in) / count, count,
                                                range.begin, range.end, dy, dx);
}

const cvy_layer_kind cvy_layer_flatten = {
    .kind = { "flatten", "image to vector", settings, sizeof(flatten_settings) },
    .class_name = "Flatten",
    .plan = plan,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
};
