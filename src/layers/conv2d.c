/* 2-D convolution (cross-correlation, as in Keras). The formula is in kernels/convolution.h, the
 * parts that all convolutions share are in layers/convolve.h. */
#include "layers/convolve.h"
#include "layers/weight_rows.h"

enum { PADDING_VALID, PADDING_SAME };

typedef struct {
    size_t filters, kernel_size[2], strides[2], dilation_rate[2], groups;
    int padding, data_format;
    bool use_bias;
    char activation[CVY_NAME_BYTES];
    char kernel_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char kernel_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
    char kernel_constraint[CVY_NAME_BYTES], bias_constraint[CVY_NAME_BYTES];
    char activity_regularizer[CVY_NAME_BYTES];
} conv2d_settings;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(conv2d_settings, member)
static const cvy_setting settings[] = {
    { "filters", CVY_COUNT, AT(filters), NULL, 1, 65536, "output channels", 0, NULL },
    { "kernel_size", CVY_COUNT_PAIR, AT(kernel_size), NULL, 1, 4096, "rows and columns", 0, NULL },
    { "strides", CVY_COUNT_PAIR, AT(strides), "1", 1, 4096, "rows and columns", 0, NULL },
    { "padding", CVY_CHOICE, AT(padding), "valid", 0, 0, "at the edges", 0, paddings },
    CVY_DATA_FORMAT_ROW(data_formats),
    { "dilation_rate", CVY_COUNT_PAIR, AT(dilation_rate), "1", 1, 4096,
      "distance between cells of the kernel", 0, NULL },
    { "groups", CVY_COUNT, AT(groups), "1", 1, 65536,
      "groups of channels that are convolved separately", 0, NULL },
    CVY_OUTPUT_ACTIVATION_ROW,
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add a bias to each output channel", 0,
      NULL },
    CVY_INITIALIZER_ROW(kernel_initializer, "glorot_uniform"),
    CVY_INITIALIZER_ROW(bias_initializer, "zeros"),
    CVY_REGULARIZER_ROW(kernel_regularizer),
    CVY_REGULARIZER_ROW(bias_regularizer),
    CVY_ACTIVITY_REGULARIZER_ROW,
    CVY_CONSTRAINT_ROW(kernel_constraint),
    CVY_CONSTRAINT_ROW(bias_constraint),
    { 0 },
};

static cvy_status plan_convolution(const conv2d_settings *s, cvy_shape in, cvy_convolution *c)
{
    *c = (cvy_convolution){ .filters = s->filters, .groups = s->groups };
    cvy_status status = cvy_window_plan(in, s->kernel_size, s->strides, s->dilation_rate,
                                        s->padding == PADDING_SAME, &c->window);
    if (status != CVY_OK)
        return status;
    if (in.dims[2] % s->groups != 0 || s->filters % s->groups != 0)
        return cvy_fail(
            CVY_ERR_SHAPE,
            "groups: found %zu, expected a divisor of both %zu channels and %zu filters", s->groups,
            in.dims[2], s->filters);
    return CVY_OK;
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const conv2d_settings *s = settings_of_layer;
    cvy_convolution c;
    cvy_status status = plan_convolution(s, in, &c);
    if (status == CVY_OK)
        status = cvy_convolve_plan(&c, plan);
    if (status != CVY_OK)
        return status;

    cvy_convolve_add_weights(
        plan, s->kernel_size, in.dims[2] / s->groups, s->filters,
        (cvy_weight_names){ s->kernel_initializer, s->kernel_regularizer, s->kernel_constraint },
        s->use_bias ? s->filters : 0,
        (cvy_weight_names){ s->bias_initializer, s->bias_regularizer, s->bias_constraint });
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const conv2d_settings *)settings_of_layer)->activation;
}

const cvy_layer_kind cvy_layer_conv2d = {
    .kind = { "conv2d", "2-D convolution", settings, sizeof(conv2d_settings) },
    .class_name = "Conv2D",
    .plan = plan,
    .activation = activation,
    .forward = cvy_convolve_forward,
    .forward_sample = cvy_convolve_forward_sample,
    .backward = cvy_convolve_backward,
    .feed = cvy_convolve_feed,
};
