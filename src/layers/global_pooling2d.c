/* The mean or maximum of each channel. Only the first of several equal maxima receives the
 * gradient. Source: Keras 3, GlobalAveragePooling2D and GlobalMaxPooling2D. */
#include <math.h>
#include <string.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

typedef struct {
    int data_format;
    bool keepdims;
} global_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(global_settings, member)
static const cvy_setting settings[] = {
    CVY_DATA_FORMAT_ROW(data_formats),
    { "keepdims", CVY_BOOL, AT(keepdims), "false", 0, 0, "an image of one pixel, not a vector", 0,
      NULL },
    { 0 },
};

static cvy_status plan_average(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const global_settings *s = settings_of_layer;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    return s->keepdims ? cvy_shape_image(1, 1, in.dims[2], &plan->out)
                       : cvy_shape_vector(in.dims[2], &plan->out);
}

static cvy_status plan_max(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    cvy_status status = plan_average(settings_of_layer, in, plan);
    if (status == CVY_OK)
        plan->keep_bytes = in.dims[2] * CVY_LANE * sizeof(uint32_t); /* the winners */
    return status;
}

static size_t positions_of(const cvy_layer *layer)
{
    return layer->in.dims[0] * layer->in.dims[1];
}

static void forward_average(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const size_t positions = positions_of(layer);
    const cvy_range channels = cvy_share_range(pass->share, layer->in.dims[2], 1);

    for (size_t c = channels.begin; c < channels.end; c++) {
        float sum[CVY_LANE] = { 0 };
        for (size_t p = 0; p < positions; p++)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[s] += x[(c * positions + p) * CVY_LANE + s];
        for (size_t s = 0; s < CVY_LANE; s++)
            y[c * CVY_LANE + s] = sum[s] / (float)positions;
    }
}

static void average_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const size_t positions = positions_of(layer), channels = layer->in.dims[2];

    (void)pass;
    memset(y, 0, channels * sizeof *y);
    for (size_t p = 0; p < positions; p++)
        for (size_t c = 0; c < channels; c++)
            y[c] += x[p * channels + c];
    for (size_t c = 0; c < channels; c++)
        y[c] = y[c] / (float)positions;
}

static void backward_average(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, float *dx, float *dw)
{
    const size_t positions = positions_of(layer);
    const cvy_range channels = cvy_share_range(pass->share, layer->in.dims[2], 1);

    (void)x, (void)dw;
    for (size_t c = channels.begin; c < channels.end; c++)
        for (size_t p = 0; p < positions; p++)
            for (size_t s = 0; s < CVY_LANE; s++)
                dx[(c * positions + p) * CVY_LANE + s] = dy[c * CVY_LANE + s] / (float)positions;
}

static void forward_max(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const size_t positions = positions_of(layer);
    const cvy_range channels = cvy_share_range(pass->share, layer->in.dims[2], 1);
    uint32_t *winner = pass->keep;

    for (size_t c = channels.begin; c < channels.end; c++)
        for (size_t s = 0; s < CVY_LANE; s++) {
            const float *values = x + c * positions * CVY_LANE + s;
            size_t best = 0;
            for (size_t p = 1; p < positions; p++) {
                const float value = values[p * CVY_LANE], most = values[best * CVY_LANE];
                if (value > most || (isnan(value) && !isnan(most)))
                    best = p;
            }
            winner[c * CVY_LANE + s] = (uint32_t)best;
            y[c * CVY_LANE + s] = values[best * CVY_LANE];
        }
}

static void backward_max(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                         const float *dy, float *dx, float *dw)
{
    const size_t positions = positions_of(layer);
    const cvy_range channels = cvy_share_range(pass->share, layer->in.dims[2], 1);
    const uint32_t *winner = pass->keep;

    (void)x, (void)dw;
    memset(dx + channels.begin * positions * CVY_LANE, 0,
           (channels.end - channels.begin) * positions * CVY_LANE * sizeof *dx);
    for (size_t i = channels.begin * CVY_LANE; i < channels.end * CVY_LANE; i++)
        dx[(i / CVY_LANE * positions + winner[i]) * CVY_LANE + i % CVY_LANE] = dy[i];
}

const cvy_layer_kind cvy_layer_global_average_pooling2d = {
    .kind = { "global_average_pooling2d", "the mean of each channel", settings,
              sizeof(global_settings) },
    .class_name = "GlobalAveragePooling2D",
    .plan = plan_average,
    .forward = forward_average,
    .forward_sample = average_sample,
    .backward = backward_average,
};

const cvy_layer_kind cvy_layer_global_max_pooling2d = {
    .kind = { "global_max_pooling2d", "the maximum of each channel", settings,
              sizeof(global_settings) },
    .class_name = "GlobalMaxPooling2D",
    .plan = plan_max,
    .forward = forward_max,
    .backward = backward_max,
};
