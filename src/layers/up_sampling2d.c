/* Each pixel several times. Source: Keras 3, UpSampling2D with interpolation "nearest". */
#include "layers/layer.h"

typedef struct {
    size_t size[2];
    int data_format, interpolation;
} up_settings;

static const char *const data_formats[] = { "channels_last", NULL };
static const char *const interpolations[] = { "nearest", NULL };

#define AT(member) offsetof(up_settings, member)
static const cvy_setting settings[] = {
    { "size", CVY_COUNT_PAIR, AT(size), "2", 1, 64, "times in rows and in columns", 0, NULL },
    { "data_format", CVY_CHOICE, AT(data_format), "channels_last", 0, 0,
      "order of the axes: channels last", 0, data_formats },
    { "interpolation", CVY_CHOICE, AT(interpolation), "nearest", 0, 0,
      "how pixels between are filled in", 0, interpolations },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const up_settings *s = settings_of_layer;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    return cvy_shape_image(in.dims[0] * s->size[0], in.dims[1] * s->size[1], in.dims[2],
                           &plan->out);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const up_settings *s = layer->settings;
    const size_t rows = layer->in.dims[2] * layer->plan.out.dims[0];
    const size_t columns = layer->plan.out.dims[1];
    const cvy_range range = cvy_share_range(pass->share, rows, 1);

    for (size_t row = range.begin; row < range.end; row++) /* of all channels */
        for (size_t column = 0; column < columns; column++) {
            const float *from =
                x + (row / s->size[0] * layer->in.dims[1] + column / s->size[1]) * CVY_LANE;
            float *to = y + (row * columns + column) * CVY_LANE;
            for (size_t i = 0; i < CVY_LANE; i++)
                to[i] = from[i];
        }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const up_settings *s = layer->settings;
    const size_t columns = layer->in.dims[1], wide = columns * s->size[1];
    const cvy_range range = cvy_share_range(pass->share, layer->in.dims[2] * layer->in.dims[0], 1);

    (void)x, (void)dw;
    for (size_t row = range.begin; row < range.end; row++)
        for (size_t column = 0; column < columns; column++) {
            float sum[CVY_LANE] = { 0 };
            for (size_t v = 0; v < s->size[0]; v++)
                for (size_t h = 0; h < s->size[1]; h++)
                    for (size_t i = 0; i < CVY_LANE; i++)
                        sum[i] += dy[((row * s->size[0] + v) * wide + column * s->size[1] + h) *
                                         CVY_LANE +
                                     i];
            for (size_t i = 0; i < CVY_LANE; i++)
                dx[(row * columns + column) * CVY_LANE + i] = sum[i];
        }
}

const cvy_layer_kind cvy_layer_up_sampling2d = {
    .kind = { "up_sampling2d", "each pixel several times", settings, sizeof(up_settings) },
    .class_name = "UpSampling2D",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
