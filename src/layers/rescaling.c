/* scale x + offset, each one number for all channels or one per channel. As in Keras, a model that
 * begins with this layer takes pixels from 0 to 255. Source: Keras 3, Rescaling. */
#include <math.h>

#include "layers/layer.h"

typedef struct {
    cvy_float_list scale, offset;
} rescaling_settings;

static const cvy_setting settings[] = {
    { "scale", CVY_FLOAT_LIST, offsetof(rescaling_settings, scale), NULL, -HUGE_VAL, HUGE_VAL,
      "factor of the input; one number, or one for each channel", CVY_ABOVE_MIN | CVY_BELOW_MAX,
      NULL },
    { "offset", CVY_FLOAT_LIST, offsetof(rescaling_settings, offset), "0", -HUGE_VAL, HUGE_VAL,
      "added to the result; one number, or one for each channel", CVY_ABOVE_MIN | CVY_BELOW_MAX,
      NULL },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const rescaling_settings *s = settings_of_layer;
    const size_t channels = in.dims[in.rank - 1];

    if ((s->scale.count != 1 && s->scale.count != channels) ||
        (s->offset.count != 1 && s->offset.count != channels))
        return cvy_fail(CVY_ERR_SHAPE,
                        "scale and offset have %zu and %zu numbers, expected 1 or %zu, as its "
                        "input has channels",
                        s->scale.count, s->offset.count, channels);
    plan->out = in;
    plan->scales_input = true;
    plan->can_be_in_place = true;
    return CVY_OK;
}

static float value_at(const cvy_float_list *list, size_t channel)
{
    return (float)list->values[list->count == 1 ? 0 : channel];
}

/* The number of values of one channel, which are contiguous in a lane. */
static size_t plane_of(const cvy_layer *layer)
{
    return cvy_shape_count(layer->in) / layer->in.dims[layer->in.rank - 1];
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const rescaling_settings *s = layer->settings;
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const size_t plane = plane_of(layer);

    for (size_t i = range.begin; i < range.end; i++) {
        const float scale = value_at(&s->scale, i / plane);
        const float offset = value_at(&s->offset, i / plane);
        for (size_t v = i * CVY_LANE; v < (i + 1) * CVY_LANE; v++)
            y[v] = x[v] * scale + offset;
    }
}

static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const rescaling_settings *s = layer->settings;
    const size_t count = cvy_shape_count(layer->in), channels = layer->in.dims[layer->in.rank - 1];

    (void)pass;
    for (size_t c = 0; c < channels; c++) {
        const float scale = value_at(&s->scale, c), offset = value_at(&s->offset, c);
        for (size_t i = c; i < count; i += channels)
            y[i] = x[i] * scale + offset;
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const rescaling_settings *s = layer->settings;
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const size_t plane = plane_of(layer);

    (void)x, (void)dw;
    for (size_t i = range.begin; i < range.end; i++) {
        const float scale = value_at(&s->scale, i / plane);
        for (size_t v = i * CVY_LANE; v < (i + 1) * CVY_LANE; v++)
            dx[v] = dy[v] * scale;
    }
}

const cvy_layer_kind cvy_layer_rescaling = {
    .kind = { "rescaling", "scale * x + offset", settings, sizeof(rescaling_settings) },
    .class_name = "Rescaling",
    .plan = plan,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
};
