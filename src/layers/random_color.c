/* Augmentation of pixel values inside a model: in training, changes each image's contrast or
 * brightness by a random amount; otherwise the identity.
 *     contrast     mean + f (x - mean), f from 1 - lower to 1 + upper, mean of the image's channel
 *     brightness   x + f (high - low), f from lower to upper
 * then clips to value_range, low to high, in which pixels are expected. These layers come before
 * all layers that learn. Sources: Keras 3, RandomContrast and RandomBrightness. */
#include <math.h>
#include <string.h>

#include "layers/augmenting.h"
#include "layers/weight_rows.h"

typedef struct {
    cvy_float_list factor, value_range;
    int data_format;
} color_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(color_settings, member)
#define RANGE_ROWS CVY_VALUE_RANGE_ROW, CVY_DATA_FORMAT_ROW(data_formats)
static const cvy_setting contrast_rows[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), NULL, 0, HUGE_VAL,
      "largest change as a fraction, or [less;more]", CVY_BELOW_MAX, NULL },
    RANGE_ROWS,
    { 0 },
};
static const cvy_setting brightness_rows[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), NULL, -1, 1,
      "largest change as a fraction of value_range, or [from;to]", 0, NULL },
    RANGE_ROWS,
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const color_settings *s = settings_of_layer;
    cvy_status status = cvy_augmenting_plan(in, plan);

    if (status == CVY_OK)
        status = cvy_augmenting_check("factor", &s->factor);
    return status == CVY_OK ? cvy_augmenting_plan_range(&s->value_range, plan) : status;
}

typedef float draw_function(const color_settings *s, cvy_dice *dice);

static float draw_contrast(const color_settings *s, cvy_dice *dice)
{
    return (float)cvy_contrast_at(&s->factor, (double)cvy_dice_unit(dice));
}

static float draw_brightness(const color_settings *s, cvy_dice *dice)
{
    const double range = s->value_range.values[1] - s->value_range.values[0];
    return (float)(cvy_dice_factor(dice, &s->factor) * range);
}

static void draw_all(const cvy_layer *layer, const cvy_pass *pass, draw_function *draw,
                     float drawn[CVY_LANE])
{
    for (size_t s = 0; s < CVY_LANE; s++) {
        cvy_dice dice = cvy_layer_dice(layer, pass, s);
        drawn[s] = draw(layer->settings, &dice);
    }
}

static void change_plane(const color_settings *s, size_t positions, const float factor[CVY_LANE],
                         const float added[CVY_LANE], const float *x, float *y)
{
    const float low = (float)s->value_range.values[0], high = (float)s->value_range.values[1];

    for (size_t p = 0; p < positions; p++)
        for (size_t i = 0; i < CVY_LANE; i++) {
            const float value = factor[i] * x[p * CVY_LANE + i] + added[i];
            y[p * CVY_LANE + i] = value < low ? low : value > high ? high : value;
        }
}

/* Compute mean (1 - f) of one channel, for each sample. */
static void find_added(size_t positions, const float factor[CVY_LANE], const float *x,
                       float added[CVY_LANE])
{
    double sums[CVY_LANE] = { 0 };

    for (size_t p = 0; p < positions; p++)
        for (size_t i = 0; i < CVY_LANE; i++)
            sums[i] += (double)x[p * CVY_LANE + i];
    for (size_t i = 0; i < CVY_LANE; i++)
        added[i] = (float)(sums[i] / (double)positions * (1 - (double)factor[i]));
}

static void forward_by(const cvy_layer *layer, const cvy_pass *pass, bool is_contrast,
                       const float *x, float *y)
{
    const size_t positions = layer->in.dims[0] * layer->in.dims[1], plane = positions * CVY_LANE;
    const cvy_range channels = cvy_share_range(pass->share, layer->in.dims[2], 1);
    float factor[CVY_LANE], added[CVY_LANE];

    if (!pass->is_training) {
        memcpy(y + channels.begin * plane, x + channels.begin * plane,
               (channels.end - channels.begin) * plane * sizeof *y);
        return;
    }
    draw_all(layer, pass, is_contrast ? draw_contrast : draw_brightness,
             is_contrast ? factor : added);
    for (size_t i = 0; !is_contrast && i < CVY_LANE; i++)
        factor[i] = 1;
    for (size_t c = channels.begin; c < channels.end; c++) {
        if (is_contrast)
            find_added(positions, factor, x + c * plane, added);
        change_plane(layer->settings, positions, factor, added, x + c * plane, y + c * plane);
    }
}

static void forward_contrast(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    forward_by(layer, pass, true, x, y);
}

static void forward_brightness(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                               float *y)
{
    forward_by(layer, pass, false, x, y);
}

const cvy_layer_kind cvy_layer_random_contrast = {
    .kind = { "random_contrast", "changes the contrast at random in training", contrast_rows,
              sizeof(color_settings) },
    .class_name = "RandomContrast",
    .plan = plan,
    .forward = forward_contrast,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
};

const cvy_layer_kind cvy_layer_random_brightness = {
    .kind = { "random_brightness", "changes the brightness at random in training", brightness_rows,
              sizeof(color_settings) },
    .class_name = "RandomBrightness",
    .plan = plan,
    .forward = forward_brightness,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
};
