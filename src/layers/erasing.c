/* Augmentation inside a model: in training, fills a random rectangle of each image
 * (kernels/image_draws.h) with noise or a value; otherwise the identity.
 * Source: Keras 3, RandomErasing. */
#include <math.h>
#include <string.h>

#include "layers/augmenting.h"
#include "layers/weight_rows.h"

typedef struct {
    cvy_float_list factor, scale, fill_value, value_range;
    int data_format;
} erasing_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(erasing_settings, member)
static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), "1", 0, 1,
      "probability of a change, drawn from 0 to f, or from [low;high]", 0, NULL },
    { "scale", CVY_FLOAT_LIST, AT(scale), "[0.02;0.33]", 0, 1,
      "squares of the erased fractions of height and width, from 0 to f or [low;high]", 0, NULL },
    { "fill_value", CVY_FLOAT_LIST, AT(fill_value), "none", -HUGE_VAL, HUGE_VAL,
      "one number, or one for each of three channels; none: noise",
      CVY_ABOVE_MIN | CVY_BELOW_MAX | CVY_OR_NONE, NULL },
    CVY_VALUE_RANGE_ROW,
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const erasing_settings *s = settings_of_layer;
    cvy_status status = cvy_augmenting_plan(in, plan);

    if (status == CVY_OK)
        status = cvy_augmenting_check("factor", &s->factor);
    if (status == CVY_OK)
        status = cvy_augmenting_check("scale", &s->scale);
    if (status == CVY_OK && s->fill_value.count != 1 &&
        (s->fill_value.count != 3 || in.dims[2] != 3))
        status = cvy_fail(CVY_ERR_SETTING,
                          "fill_value: found %zu numbers for %zu channels, expected 1, or 3 for 3",
                          s->fill_value.count, in.dims[2]);
    return status == CVY_OK ? cvy_augmenting_plan_range(&s->value_range, plan) : status;
}

/* Erase in one sample. y already holds a copy of x. */
static void erase(const cvy_layer *layer, cvy_dice *dice, float *y)
{
    const erasing_settings *s = layer->settings;
    const size_t height = layer->in.dims[0], width = layer->in.dims[1];
    const size_t channels = layer->in.dims[2];
    cvy_box box;

    if (!cvy_draw_erased(dice, &s->factor, &s->scale, height, width, &box))
        return;
    for (size_t row = box.top; row < box.bottom; row++)
        for (size_t column = box.left; column < box.right; column++)
            for (size_t c = 0; c < channels; c++)
                y[((c * height + row) * width + column) * CVY_LANE] = (float)cvy_draw_erasure(
                    dice, s->fill_value.values[s->fill_value.count == 1 ? 0 : c],
                    s->value_range.values[0], s->value_range.values[1]);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_range samples = cvy_share_samples(pass->share);

    for (size_t v = 0; v < cvy_shape_count(layer->in); v++)
        memcpy(y + v * CVY_LANE + samples.begin, x + v * CVY_LANE + samples.begin,
               (samples.end - samples.begin) * sizeof *y);
    for (size_t s = samples.begin; pass->is_training && s < samples.end; s++) {
        cvy_dice dice = cvy_layer_dice(layer, pass, s);
        erase(layer, &dice, y + s);
    }
}

const cvy_layer_kind cvy_layer_random_erasing = {
    .kind = { "random_erasing", "erases a random rectangle of each image in training", settings,
              sizeof(erasing_settings) },
    .class_name = "RandomErasing",
    .plan = plan,
    .forward = forward,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
};
