/* scale x + offset. A model that begins with it is given pixels as they are, from 0 to 255, as in
 * Keras. Source: Keras 3, Rescaling. */
#include <math.h>

#include "layers/layer.h"

typedef struct {
    double scale, offset;
} rescaling_settings;

static const cvy_setting settings[] = {
    { "scale", CVY_FLOAT, offsetof(rescaling_settings, scale), NULL, -HUGE_VAL, HUGE_VAL,
      "times the input", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "offset", CVY_FLOAT, offsetof(rescaling_settings, offset), "0", -HUGE_VAL, HUGE_VAL,
      "added behind", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings_of_layer;
    plan->out = in;
    plan->scales_input = true;
    plan->can_be_in_place = true;
    return CVY_OK;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const rescaling_settings *s = layer->settings;
    const float scale = (float)s->scale, offset = (float)s->offset;
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);

    for (size_t i = range.begin * CVY_LANE; i < range.end * CVY_LANE; i++)
        y[i] = x[i] * scale + offset;
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const float scale = (float)((const rescaling_settings *)layer->settings)->scale;
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);

    (void)x, (void)dw;
    for (size_t i = range.begin * CVY_LANE; i < range.end * CVY_LANE; i++)
        dx[i] = dy[i] * scale;
}

const cvy_layer_kind cvy_layer_rescaling = {
    .kind = { "rescaling", "scale x + offset", settings, sizeof(rescaling_settings) },
    .class_name = "Rescaling",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
