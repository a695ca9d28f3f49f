/* 2-D convolution of each channel by itself: a convolution with one group per channel. Keras stores
 * its kernel as [kh][kw][in][depth_multiplier]. Source: Keras 3, DepthwiseConv2D. */
#include "layers/convolve.h"
#include "layers/weight_rows.h"

enum { PADDING_VALID, PADDING_SAME };

typedef struct {
    size_t depth_multiplier, kernel_size[2], strides[2], dilation_rate[2];
    int padding, data_format;
    bool use_bias;
    char activation[CVY_NAME_BYTES], activity_regularizer[CVY_NAME_BYTES];
    char depthwise_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char depthwise_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
    char depthwise_constraint[CVY_NAME_BYTES], bias_constraint[CVY_NAME_BYTES];
} depthwise_settings;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(depthwise_settings, member)
static const cvy_setting settings[] = {
    { "kernel_size", CVY_COUNT_PAIR, AT(kernel_size), NULL, 1, 4096, "rows and columns", 0, NULL },
    { "depth_multiplier", CVY_COUNT, AT(depth_multiplier), "1", 1, 4096,
      "output channels for each input channel", 0, NULL },
    { "strides", CVY_COUNT_PAIR, AT(strides), "1", 1, 4096, "rows and columns", 0, NULL },
    { "padding", CVY_CHOICE, AT(padding), "valid", 0, 0, "at the edges", 0, paddings },
    CVY_DATA_FORMAT_ROW(data_formats),
    { "dilation_rate", CVY_COUNT_PAIR, AT(dilation_rate), "1", 1, 4096, "rows and columns", 0,
      NULL },
    CVY_OUTPUT_ACTIVATION_ROW,
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add a bias to each output channel", 0,
      NULL },
    CVY_INITIALIZER_ROW(depthwise_initializer, "glorot_uniform"),
    CVY_INITIALIZER_ROW(bias_initializer, "zeros"),
    CVY_REGULARIZER_ROW(depthwise_regularizer),
    CVY_REGULARIZER_ROW(bias_regularizer),
    CVY_ACTIVITY_REGULARIZER_ROW,
    CVY_CONSTRAINT_ROW(depthwise_constraint),
    CVY_CONSTRAINT_ROW(bias_constraint),
    { 0 },
};

static cvy_status plan_convolution(const depthwise_settings *s, cvy_shape in, cvy_convolution *c)
{
    *c = (cvy_convolution){ .groups = in.dims[2] };
    if (in.rank == 3 && !__builtin_mul_overflow(in.dims[2], s->depth_multiplier, &c->filters))
        c->groups = in.dims[2];
    return cvy_window_plan(in, s->kernel_size, s->strides, s->dilation_rate,
                           s->padding == PADDING_SAME, &c->window);
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const depthwise_settings *s = settings_of_layer;
    cvy_convolution c;
    cvy_status status = plan_convolution(s, in, &c);
    if (status == CVY_OK)
        status = cvy_convolve_plan(&c, plan);
    if (status != CVY_OK)
        return status;

    cvy_convolve_add_weights(
        plan, s->kernel_size, in.dims[2], s->depth_multiplier,
        (cvy_weight_names){ s->depthwise_initializer, s->depthwise_regularizer,
                            s->depthwise_constraint },
        s->use_bias ? c.filters : 0,
        (cvy_weight_names){ s->bias_initializer, s->bias_regularizer, s->bias_constraint });
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const depthwise_settings *)settings_of_layer)->activation;
}

const cvy_layer_kind cvy_layer_depthwise_conv2d = {
    .kind = { "depthwise_conv2d", "separate 2-D convolution of each channel", settings,
              sizeof(depthwise_settings) },
    .class_name = "DepthwiseConv2D",
    .plan = plan,
    .activation = activation,
    .forward = cvy_convolve_forward,
    .backward = cvy_convolve_backward,
    .feed = cvy_convolve_feed,
};
