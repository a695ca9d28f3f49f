/* Noise in training; otherwise the identity: Keras 3's GaussianNoise, GaussianDropout,
 * AlphaDropout, SpatialDropout2D and Dropout with a noise_shape. A sample's draws depend only on
 * its position in the epoch. Sources: Srivastava et al. 2014 (gaussian); Klambauer et al. 2017
 * (alpha); Tompson et al. 2014. */
#include <math.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

typedef struct {
    double rate, stddev;
    cvy_float_list noise_shape;
    int data_format;
} noise_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(noise_settings, member)
#define RATE                                                                                       \
    {                                                                                              \
        "rate", CVY_FLOAT, AT(rate), NULL, 0, 1, "fraction of values that are dropped",            \
            CVY_BELOW_MAX, NULL                                                                    \
    }
static const cvy_setting gaussian_rows[] = {
    { "stddev", CVY_FLOAT, AT(stddev), NULL, 0, HUGE_VAL, "standard deviation of the noise",
      CVY_BELOW_MAX, NULL },
    { 0 },
};
static const cvy_setting dropout_rows[] = { RATE, { 0 } };
static const cvy_setting spatial_rows[] = {
    RATE,
    { "noise_shape", CVY_FLOAT_LIST, AT(noise_shape), "[0;1;1;0]", 0, CVY_FEATURES_MAX,
      "samples, rows, columns and channels: 1 to share a draw along this axis, else 0 or its size",
      0, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};

/* The changes of the 16 values of a row: factor x + offset. */
typedef struct {
    float factor[CVY_LANE], offset[CVY_LANE];
} changes;

/* Compute the changes of a row. first, second: two words of each sample's draw. */
typedef void change_function(const noise_settings *s, const uint32_t first[CVY_LANE],
                             const uint32_t second[CVY_LANE], changes *row);

static float unit(uint32_t word)
{
    return ((float)(word >> 8) + 0.5f) * 0x1p-24f;
}

static void add_noise(const noise_settings *s, const uint32_t first[CVY_LANE],
                      const uint32_t second[CVY_LANE], changes *row)
{
    const float deviation = (float)s->stddev;

    for (size_t i = 0; i < CVY_LANE; i++) {
        float a, b;
        cvy_random_normal(first[i], second[i], &a, &b);
        row->factor[i] = 1;
        row->offset[i] = deviation * a;
    }
}

static void multiply_noise(const noise_settings *s, const uint32_t first[CVY_LANE],
                           const uint32_t second[CVY_LANE], changes *row)
{
    const float deviation = (float)sqrt(s->rate / (1 - s->rate));

    for (size_t i = 0; i < CVY_LANE; i++) {
        float a, b;
        cvy_random_normal(first[i], second[i], &a, &b);
        row->factor[i] = 1 + deviation * a;
        row->offset[i] = 0;
    }
}

/* Set dropped values to selu's lower limit, and scale all values to keep mean and variance. */
static void drop_to_limit(const noise_settings *s, const uint32_t first[CVY_LANE],
                          const uint32_t second[CVY_LANE], changes *row)
{
    const double limit = -1.7580993408473766, rate = s->rate;
    const double a = 1 / sqrt((1 - rate) * (1 + rate * limit * limit)), b = -a * limit * rate;

    (void)second;
    for (size_t i = 0; i < CVY_LANE; i++) {
        const bool is_kept = unit(first[i]) >= (float)rate;
        row->factor[i] = is_kept ? (float)a : 0;
        row->offset[i] = is_kept ? (float)b : (float)(a * limit + b);
    }
}

static void drop(const noise_settings *s, const uint32_t first[CVY_LANE],
                 const uint32_t second[CVY_LANE], changes *row)
{
    const float scale = (float)(1 / (1 - s->rate));

    (void)second;
    for (size_t i = 0; i < CVY_LANE; i++) {
        row->factor[i] = unit(first[i]) >= (float)s->rate ? scale : 0;
        row->offset[i] = 0;
    }
}

static cvy_status plan_all(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    plan->out = in;
    plan->can_be_in_place = true;
    return CVY_OK;
}

static cvy_status plan_spatial(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const cvy_float_list *shape = &((const noise_settings *)settings)->noise_shape;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    if (shape->count != 4 || shape->values[0] != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "noise_shape: expected [null, rows, columns, channels]");
    for (size_t d = 0; d < 3; d++) {
        const double side = shape->values[d + 1];
        if (side != 0 && side != 1 && side != (double)in.dims[d])
            return cvy_fail(CVY_ERR_SHAPE, "noise_shape: found %g, expected null, 1 or %zu", side,
                            in.dims[d]);
    }
    return plan_all(settings, in, plan);
}

/* The index of the sample's draw for a value of the lane. */
static size_t draw_of(const cvy_layer *layer, size_t value)
{
    const double *sides = ((const noise_settings *)layer->settings)->noise_shape.values + 1;
    const size_t width = layer->in.dims[1], positions = layer->in.dims[0] * width;
    const size_t row = sides[0] == 1 ? 0 : value % positions / width;
    const size_t column = sides[1] == 1 ? 0 : value % width;
    const size_t channel = sides[2] == 1 ? 0 : value / positions;
    const bool is_of_channels = sides[0] == 1 && sides[1] == 1;

    return is_of_channels ? channel : channel * positions + row * width + column;
}

/* Compute the changes of a row from one draw of each sample. */
static void change_by(const cvy_layer *layer, const cvy_pass *pass, change_function *function,
                      size_t draw, changes *row)
{
    const cvy_dropout_stream *drawn = pass->dropout;
    const cvy_dropout_stream stream = {
        .key = { drawn->key[0], drawn->key[1] },
        .purpose = drawn->purpose | (uint32_t)(layer->index + 1) << 8,
        .major = drawn->major,
    };
    uint32_t low[CVY_LANE], high[CVY_LANE], words[4][CVY_LANE];

    for (size_t s = 0; s < CVY_LANE; s++) {
        low[s] = drawn->position[s] << 24 | (uint32_t)draw;
        high[s] = drawn->position[s] >> 8;
    }
    pass->compute.kernels->dropout->draw(&stream, low, high, words);
    function(layer->settings, words[0], words[1], row);
}

/* There is one draw per value, or per group of values along the sides that noise_shape merges.
 * Consecutive rows often share a draw. */
static void forward_by(const cvy_layer *layer, const cvy_pass *pass, change_function *function,
                       bool is_spatial, const float *x, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    size_t last = SIZE_MAX;
    changes row;

    for (size_t s = 0; s < CVY_LANE; s++) {
        row.factor[s] = 1;
        row.offset[s] = 0;
    }
    for (size_t v = range.begin; v < range.end; v++) {
        const size_t draw = is_spatial ? draw_of(layer, v) : v;
        if (pass->is_training && draw != last)
            change_by(layer, pass, function, draw, &row);
        last = draw;
        for (size_t s = 0; s < CVY_LANE; s++)
            y[v * CVY_LANE + s] = row.factor[s] * x[v * CVY_LANE + s] + row.offset[s];
    }
}

static void backward_by(const cvy_layer *layer, const cvy_pass *pass, change_function *function,
                        bool is_spatial, const float *dy, float *dx)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    size_t last = SIZE_MAX;
    changes row;

    for (size_t v = range.begin; v < range.end; v++) {
        const size_t draw = is_spatial ? draw_of(layer, v) : v;
        if (draw != last)
            change_by(layer, pass, function, draw, &row);
        last = draw;
        for (size_t s = 0; s < CVY_LANE; s++)
            dx[v * CVY_LANE + s] = row.factor[s] * dy[v * CVY_LANE + s];
    }
}

#define NOISE(id, class, rows, plan_function, function, is_spatial, text)                          \
    static void id##_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x,         \
                             float *y)                                                             \
    {                                                                                              \
        forward_by(layer, pass, function, is_spatial, x, y);                                       \
    }                                                                                              \
    static void id##_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,        \
                              const float *dy, float *dx, float *dw)                               \
    {                                                                                              \
        (void)x, (void)dw;                                                                         \
        backward_by(layer, pass, function, is_spatial, dy, dx);                                    \
    }                                                                                              \
    const cvy_layer_kind cvy_layer_##id = {                                                        \
        .kind = { #id, text, rows, sizeof(noise_settings) },                                       \
        .class_name = class,                                                                       \
        .plan = plan_function,                                                                     \
        .forward = id##_forward,                                                                   \
        .backward = id##_backward,                                                                 \
    };

NOISE(gaussian_noise, "GaussianNoise", gaussian_rows, plan_all, add_noise, false,
      "adds normal noise in training")
NOISE(gaussian_dropout, "GaussianDropout", dropout_rows, plan_all, multiply_noise, false,
      "multiplies by normal noise in training")
NOISE(alpha_dropout, "AlphaDropout", dropout_rows, plan_all, drop_to_limit, false,
      "dropout that keeps mean and variance of selu")
NOISE(spatial_dropout2d, "SpatialDropout2D", spatial_rows, plan_spatial, drop, true,
      "drops whole channels, rows or columns in training")
