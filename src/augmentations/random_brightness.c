/* Makes all pixels brighter or darker by a random fraction of 255. Keras: RandomBrightness. */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list factor;
} brightness_settings;

static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, offsetof(brightness_settings, factor), "0.1", -1, 1,
      "fraction of 255 to add, +-f or [low;high]", 0, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    const brightness_settings *s = config;
    return cvy_factor_check("factor", &s->factor, 1);
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const brightness_settings *s = config;
    const long added = lround(255 * cvy_dice_factor(dice, &s->factor));

    (void)work;
    for (size_t i = 0; i < form->height * form->width * form->channels; i++) {
        const long value = image[i] + added;
        image[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

const cvy_augmentation_kind cvy_random_brightness = {
    .kind = { .name = "random_brightness",
              .summary = "change the brightness",
              .settings = settings,
              .settings_size = sizeof(brightness_settings) },
    .check = check,
    .change = change,
};
