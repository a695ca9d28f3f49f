/* Dropout: in training each value is kept with probability 1 - rate and divided by it.
 * The rate is resolved to 1/65536. Source: Srivastava et al., Dropout (2014). */
#include "layers/layer.h"

#include <math.h>

typedef struct {
    double rate;
} dropout_settings;

static const cvy_setting settings[] = {
    { "rate", CVY_FLOAT, offsetof(dropout_settings, rate), NULL, 0, 1,
      "fraction of values that are dropped", 0, NULL },
    { 0 },
};

enum { RESOLUTION = 65536 };

static uint32_t threshold_of(const cvy_layer *layer)
{
    const dropout_settings *s = layer->settings;
    return (uint32_t)lround(s->rate * RESOLUTION);
}

static float scale_of(const cvy_layer *layer)
{
    uint32_t kept = RESOLUTION - threshold_of(layer);
    return kept > 0 ? (float)RESOLUTION / (float)kept : 0;
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings_of_layer;
    plan->out = in;
    plan->can_be_in_place = true;
    plan->keep_bytes = cvy_shape_count(in) * CVY_LANE; /* the mask */
    return CVY_OK;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_range rows =
        cvy_share_range(pass->share, cvy_shape_count(layer->in), CVY_DROPOUT_UNIT);
    const size_t first = rows.begin * CVY_LANE, count = rows.end - rows.begin;
    uint8_t *kept = pass->keep;

    if (!pass->is_training) {
        if (x != y)
            pass->compute.kernels->lane->copy(count * CVY_LANE, x + first, y + first);
        return;
    }
    cvy_dropout_stream stream = *pass->dropout;
    stream.purpose |= (uint32_t)layer->index << 8; /* each layer draws its own */
    pass->compute.kernels->dropout->forward(rows.begin, count, &stream, threshold_of(layer),
                                            scale_of(layer), x + first, y + first, kept + first);
}

static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    if (x != y)
        pass->compute.kernels->lane->copy(cvy_shape_count(layer->in), x, y);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const cvy_range rows =
        cvy_share_range(pass->share, cvy_shape_count(layer->in), CVY_DROPOUT_UNIT);
    const size_t first = rows.begin * CVY_LANE;
    const uint8_t *kept = pass->keep;

    (void)x, (void)dw;
    pass->compute.kernels->dropout->backward(rows.end - rows.begin, scale_of(layer), kept + first,
                                             dy + first, dx + first);
}

const cvy_layer_kind cvy_layer_dropout = {
    .kind = { "dropout", "sets random values to zero in training", settings,
              sizeof(dropout_settings) },
    .class_name = "Dropout",
    .plan = plan,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
};
