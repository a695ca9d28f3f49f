/* A random rectangle filled with noise or a value. Keras: RandomErasing. Source: Zhong et al., Random
 * Erasing Data Augmentation (AAAI 2020). */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    double factor;
    cvy_float_list scale;
    double fill_value;
} erasing_settings;

#define AT(member) offsetof(erasing_settings, member)
static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT, AT(factor), "1", 0, 1, "probability that a sample is changed", 0, NULL },
    { "scale", CVY_FLOAT_LIST, AT(scale), "[0.02;0.33]", 0, 1,
      "part of the image that the rectangle covers, [low;high]", 0, NULL },
    { "fill_value", CVY_FLOAT, AT(fill_value), "none", 0, 255,
      "what it is filled with; none: noise", CVY_OR_NONE, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    const erasing_settings *s = config;
    return s->scale.count == 2 && s->scale.values[0] <= s->scale.values[1]
               ? CVY_OK
               : cvy_fail(CVY_ERR_SETTING, "scale: expected [low;high]");
}

/* The noise of a rectangle is drawn row by row; a value for each pixel of 8 bits of a number. */
static uint8_t noise(cvy_dice *dice)
{
    return (uint8_t)(cvy_dice_unit(dice) * 256);
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const erasing_settings *s = config;
    const bool is_changed = (double)cvy_dice_unit(dice) < s->factor;
    const double part = s->scale.values[0] +
                        (s->scale.values[1] - s->scale.values[0]) * (double)cvy_dice_unit(dice);
    const double aspect = exp2(2 * (double)cvy_dice_unit(dice) - 1); /* 1/2 to 2 */
    const double area = part * (double)form->height * (double)form->width;
    const size_t h = (size_t)fmin(round(sqrt(area * aspect)), (double)form->height);
    const size_t w = (size_t)fmin(round(sqrt(area / aspect)), (double)form->width);
    const size_t top = (size_t)(cvy_dice_unit(dice) * (float)(form->height - h + 1));
    const size_t left = (size_t)(cvy_dice_unit(dice) * (float)(form->width - w + 1));

    (void)work;
    for (size_t y = top; is_changed && y < top + h && y < form->height; y++)
        for (size_t x = left; x < left + w && x < form->width; x++)
            for (size_t c = 0; c < form->channels; c++)
                image[(y * form->width + x) * form->channels + c] =
                    isnan(s->fill_value) ? noise(dice) : (uint8_t)lround(s->fill_value);
}

const cvy_augmentation_kind cvy_random_erasing = {
    .kind = { .name = "random_erasing",
              .summary = "a rectangle of it erased",
              .settings = settings,
              .settings_size = sizeof(erasing_settings) },
    .check = check,
    .change = change,
};
