/* Augmentation inside a model: in training, distorts each image by a smooth random field
 * (kernels/image_draws.h); otherwise the identity. The scale of the field is drawn for each sample;
 * Keras draws it for each batch. Source: Keras 3, RandomElasticTransform. */
#include <math.h>
#include <string.h>

#include "layers/augmenting.h"
#include "layers/weight_rows.h"

typedef struct {
    cvy_float_list factor, scale, value_range;
    cvy_fill fill;
    int data_format;
} elastic_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(elastic_settings, member)
static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), "1", 0, 1,
      "probability of a change, drawn from 0 to f, or from [low;high]", 0, NULL },
    { "scale", CVY_FLOAT_LIST, AT(scale), "1", 0, 1, "strength, from 0 to f or [low;high]", 0,
      NULL },
    CVY_LAYER_FILL_ROWS,
    CVY_VALUE_RANGE_ROW,
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};

static size_t longer_side(cvy_shape shape)
{
    return shape.dims[0] > shape.dims[1] ? shape.dims[0] : shape.dims[1];
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    enum { SIDE_MAX = 320 }; /* for which the Gaussian's standard deviation is 16 */
    const elastic_settings *s = settings_of_layer;
    cvy_status status = cvy_augmenting_plan(in, plan);

    if (status == CVY_OK)
        status = cvy_augmenting_check("factor", &s->factor);
    if (status == CVY_OK)
        status = cvy_augmenting_check("scale", &s->scale);
    if (status == CVY_OK && in.dims[0] > SIDE_MAX && in.dims[1] > SIDE_MAX)
        status = cvy_fail(CVY_ERR_UNSUPPORTED,
                          "its image has %zu x %zu pixels, expected a side of at most %d",
                          in.dims[0], in.dims[1], SIDE_MAX);
    if (status != CVY_OK)
        return status;
    plan->scratch_bytes = (2 * in.dims[0] * in.dims[1] + longer_side(in)) * sizeof(float);
    return cvy_augmenting_plan_range(&s->value_range, plan);
}

/* Distort one channel of one sample. */
static void distort(const elastic_settings *s, const cvy_shape *shape, const float *dx,
                    const float *dy, const float *x, float *y)
{
    const float low = (float)s->value_range.values[0], high = (float)s->value_range.values[1];

    for (size_t p = 0; p < shape->dims[0] * shape->dims[1]; p++) {
        const double column = (double)(p % shape->dims[1]) + (double)dx[p];
        const double row = (double)(p / shape->dims[1]) + (double)dy[p];
        const float value = cvy_plane_at(&s->fill, shape, x, column, row);
        y[p * CVY_LANE] = value < low ? low : value > high ? high : value;
    }
}

static void copy_sample(size_t values, const float *x, float *y)
{
    for (size_t v = 0; v < values; v++)
        y[v * CVY_LANE] = x[v * CVY_LANE];
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const elastic_settings *s = layer->settings;
    const cvy_shape *shape = &layer->in;
    const size_t height = shape->dims[0], width = shape->dims[1], count = height * width;
    const cvy_range samples = cvy_share_samples(pass->share);
    float *dx = pass->scratch, *dy = dx + count, *line = dy + count;

    for (size_t k = samples.begin; k < samples.end; k++) {
        if (!pass->is_training) {
            copy_sample(cvy_shape_count(*shape), x + k, y + k);
            continue;
        }
        cvy_dice dice = cvy_layer_dice(layer, pass, k);
        const bool is_changed = cvy_dice_chance(&dice, &s->factor);
        const double scale = cvy_dice_fraction(&dice, &s->scale);
        if (!is_changed || scale <= 0) {
            copy_sample(cvy_shape_count(*shape), x + k, y + k);
            continue;
        }
        const cvy_field field = cvy_field_keras(scale, height, width);
        cvy_draw_field(&dice, &field, height, width, dx, line);
        cvy_draw_field(&dice, &field, height, width, dy, line);
        for (size_t c = 0; c < shape->dims[2]; c++)
            distort(s, shape, dx, dy, x + c * count * CVY_LANE + k, y + c * count * CVY_LANE + k);
    }
}

const cvy_layer_kind cvy_layer_random_elastic_transform = {
    .kind = { "random_elastic_transform", "distorts images by a smooth random field in training",
              settings, sizeof(elastic_settings) },
    .class_name = "RandomElasticTransform",
    .plan = plan,
    .forward = forward,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
};
