/* Multiplies each channel's distance from its mean by a random factor: (x - mean) c + mean. Keras:
 * RandomContrast. */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list factor;
} contrast_settings;

static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, offsetof(contrast_settings, factor), "0.1", 0, 1,
      "c is from 1 - f to 1 + f, or from 1 - low to 1 + high of [low;high]", 0, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    const contrast_settings *s = config;
    return s->factor.count <= 2 ? CVY_OK
                                : cvy_fail(CVY_ERR_SETTING, "factor: expected one or two numbers");
}

static void change_channel(const cvy_image_form *form, double c, uint8_t *image)
{
    const size_t count = form->height * form->width;
    double mean = 0;

    for (size_t i = 0; i < count; i++)
        mean += image[i * form->channels];
    mean /= (double)count;
    for (size_t i = 0; i < count; i++) {
        const double value = (image[i * form->channels] - mean) * c + mean;
        image[i * form->channels] = (uint8_t)lround(fmin(fmax(value, 0), 255));
    }
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const contrast_settings *s = config;
    const double c = cvy_contrast_at(&s->factor, (double)cvy_dice_unit(dice));

    (void)work;
    for (size_t channel = 0; channel < form->channels; channel++)
        change_channel(form, c, image + channel);
}

const cvy_augmentation_kind cvy_random_contrast = {
    .kind = { .name = "random_contrast",
              .summary = "change the contrast",
              .settings = settings,
              .settings_size = sizeof(contrast_settings) },
    .check = check,
    .change = change,
};
