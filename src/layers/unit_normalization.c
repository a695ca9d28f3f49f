/* Scales each position's channels, or a vector, to length 1: y = x / sqrt(max(sum of x^2, 1e-12)).
 * Source: Keras 3, UnitNormalization. */
#include <math.h>

#include "layers/layer.h"

typedef struct {
    double axis;
} unit_settings;

static const cvy_setting settings[] = {
    { "axis", CVY_FLOAT, offsetof(unit_settings, axis), "-1", -1, 3, "only the last axis", 0,
      NULL },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const double axis = ((const unit_settings *)settings_of_layer)->axis;

    if (axis != -1 && axis != (double)in.rank)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "axis %g is not supported, expected the last, -1",
                        axis);
    plan->out = in;
    plan->reads_input = true;
    return CVY_OK;
}

static const double LEAST = 1e-12;

/* Compute 1 / length of each sample at one position. */
static void measure(size_t channels, size_t stride, const float *x, double factor[CVY_LANE])
{
    double squares[CVY_LANE] = { 0 };

    for (size_t c = 0; c < channels; c++)
        for (size_t s = 0; s < CVY_LANE; s++)
            squares[s] += (double)x[c * stride + s] * (double)x[c * stride + s];
    for (size_t s = 0; s < CVY_LANE; s++)
        factor[s] = 1 / sqrt(squares[s] < LEAST ? LEAST : squares[s]);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const size_t channels = layer->in.dims[layer->in.rank - 1];
    const size_t positions = cvy_shape_count(layer->in) / channels, stride = positions * CVY_LANE;
    const cvy_range range = cvy_share_range(pass->share, positions, 1);
    double factor[CVY_LANE];

    for (size_t p = range.begin; p < range.end; p++) {
        measure(channels, stride, x + p * CVY_LANE, factor);
        for (size_t c = 0; c < channels; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                y[c * stride + p * CVY_LANE + s] =
                    (float)((double)x[c * stride + p * CVY_LANE + s] * factor[s]);
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const size_t channels = layer->in.dims[layer->in.rank - 1];
    const size_t positions = cvy_shape_count(layer->in) / channels, stride = positions * CVY_LANE;
    const cvy_range range = cvy_share_range(pass->share, positions, 1);
    double factor[CVY_LANE];

    (void)dw;
    for (size_t p = range.begin; p < range.end; p++) {
        const float *xp = x + p * CVY_LANE, *dyp = dy + p * CVY_LANE;
        double product[CVY_LANE] = { 0 };
        measure(channels, stride, xp, factor);
        for (size_t c = 0; c < channels; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                product[s] += (double)xp[c * stride + s] * (double)dyp[c * stride + s];
        for (size_t c = 0; c < channels; c++)
            for (size_t s = 0; s < CVY_LANE; s++) {
                const double turn =
                    factor[s] * factor[s] < 1 / LEAST
                        ? (double)xp[c * stride + s] * product[s] * factor[s] * factor[s]
                        : 0;
                dx[c * stride + p * CVY_LANE + s] =
                    (float)(factor[s] * ((double)dyp[c * stride + s] - turn));
            }
    }
}

const cvy_layer_kind cvy_layer_unit_normalization = {
    .kind = { "unit_normalization", "scales the channels at each position to length 1", settings,
              sizeof(unit_settings) },
    .class_name = "UnitNormalization",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
