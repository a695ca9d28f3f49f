/* y = (x - mean) / max(sqrt(variance), 1e-7), or the inverse. Mean and variance are not trained.
 * They are settings (one number, or one per channel), or else state that training computes from its
 * images before the first step (train/adapt.c), like Keras's adapt().
 * Source: Keras 3, Normalization. */
#include <math.h>

#include "layers/layer.h"

typedef struct {
    cvy_float_list mean, variance, axis;
    bool invert;
} normalization_settings;

#define AT(member) offsetof(normalization_settings, member)
static const cvy_setting settings[] = {
    { "axis", CVY_FLOAT_LIST, AT(axis), "-1", -3, 3,
      "the axis with a mean and variance for each index: the last, or 0 for none", 0, NULL },
    { "mean", CVY_FLOAT_LIST, AT(mean), "0", -HUGE_VAL, HUGE_VAL,
      "one number, or one for each channel; if omitted, that of the training images",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "variance", CVY_FLOAT_LIST, AT(variance), "-1", -1, HUGE_VAL,
      "the same for the variance; -1: omitted", CVY_BELOW_MAX, NULL },
    { "invert", CVY_BOOL, AT(invert), "false", 0, 0,
      "multiply by the standard deviation and add the mean", 0, NULL },
    { 0 },
};

enum { MEAN, VARIANCE };

static bool is_given(const normalization_settings *s)
{
    return s->variance.values[0] >= 0;
}

static bool is_per_channel(const normalization_settings *s)
{
    return s->axis.values[0] != 0;
}

static cvy_status check_counts(const normalization_settings *s, size_t channels)
{
    const size_t most = is_per_channel(s) ? channels : 1;

    if ((s->mean.count == 1 || s->mean.count == most) &&
        (s->variance.count == 1 || s->variance.count == most))
        return CVY_OK;
    return cvy_fail(CVY_ERR_SHAPE,
                    "mean and variance have %zu and %zu numbers, expected 1 or %zu each, as its "
                    "input has channels",
                    s->mean.count, s->variance.count, channels);
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const normalization_settings *s = settings_of_layer;
    const size_t channels = in.dims[in.rank - 1];
    const size_t count = is_per_channel(s) ? channels : 1;
    const double axis = s->axis.values[0];

    if (s->axis.count > 1 || (axis != 0 && axis != -1 && axis != (double)in.rank))
        return cvy_fail(CVY_ERR_UNSUPPORTED, "axis: expected the last, -1, or null for none");
    plan->out = in;
    plan->can_be_in_place = true;
    plan->scales_input = true;
    if (is_given(s)) {
        double largest = 0;
        for (size_t i = 0; i < s->variance.count; i++)
            largest = fmax(largest, s->variance.values[i]);
        plan->takes_unit = largest <= 1; /* pixels from 0 to 1 have a smaller variance */
        return check_counts(s, channels);
    }
    plan->weights[plan->weight_count++] = (cvy_weight_plan){
        .name = "mean", .rank = 1, .dims = { count }, .initializer = "zeros", .is_state = true
    };
    plan->weights[plan->weight_count++] = (cvy_weight_plan){
        .name = "variance", .rank = 1, .dims = { count }, .initializer = "ones", .is_state = true
    };
    return CVY_OK;
}

static double number_of(const cvy_layer *layer, const float *weights, size_t which, size_t channel)
{
    const normalization_settings *s = layer->settings;
    const cvy_float_list *list = which == MEAN ? &s->mean : &s->variance;

    if (!is_given(s))
        return (double)weights[layer->weight_offset[which] + (is_per_channel(s) ? channel : 0)];
    return list->values[list->count == 1 ? 0 : channel];
}

/* y = scale x + offset, for a channel. */
typedef struct {
    float mean, scale;
    bool is_inverse;
} change;

static change change_of(const cvy_layer *layer, const float *weights, size_t channel)
{
    const normalization_settings *s = layer->settings;
    const double deviation = fmax(sqrt(number_of(layer, weights, VARIANCE, channel)), 1e-7);

    return (change){ (float)number_of(layer, weights, MEAN, channel),
                     (float)(s->invert ? deviation : 1 / deviation), s->invert };
}

static size_t plane_of(const cvy_layer *layer)
{
    return cvy_shape_count(layer->in) / layer->in.dims[layer->in.rank - 1];
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const size_t plane = plane_of(layer);

    for (size_t i = range.begin; i < range.end; i++) {
        const change c = change_of(layer, pass->weights, i / plane);
        for (size_t v = i * CVY_LANE; v < (i + 1) * CVY_LANE; v++)
            y[v] = c.is_inverse ? x[v] * c.scale + c.mean : (x[v] - c.mean) * c.scale;
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const size_t plane = plane_of(layer);

    (void)x, (void)dw;
    for (size_t i = range.begin; dx != NULL && i < range.end; i++) {
        const change c = change_of(layer, pass->weights, i / plane);
        for (size_t v = i * CVY_LANE; v < (i + 1) * CVY_LANE; v++)
            dx[v] = dy[v] * c.scale;
    }
}

const cvy_layer_kind cvy_layer_normalization = {
    .kind = { "normalization", "subtracts a fixed mean and divides by a fixed standard deviation",
              settings, sizeof(normalization_settings) },
    .class_name = "Normalization",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
