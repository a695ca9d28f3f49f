/* Fills a random rectangle with noise or a value. Keras: RandomErasing, whose rectangle covers the
 * square root of a random fraction from `scale` of the height, and of another one of the width.
 * Source: Zhong et al., Random Erasing Data Augmentation (AAAI 2020). */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list factor, scale;
    double fill_value;
} erasing_settings;

#define AT(member) offsetof(erasing_settings, member)
static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), "1", 0, 1, CVY_CHANCE_HELP, 0, NULL },
    { "scale", CVY_FLOAT_LIST, AT(scale), "[0.02;0.33]", 0, 1,
      "squares of the erased fractions of height and width, from 0 to f or [low;high]", 0, NULL },
    { "fill_value", CVY_FLOAT, AT(fill_value), "none", 0, 255,
      "fill value; none: normal noise with negative values set to 0", CVY_OR_NONE, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    const erasing_settings *s = config;
    cvy_status status = cvy_factor_check("factor", &s->factor, 1);

    return status == CVY_OK ? cvy_factor_check("scale", &s->scale, 1) : status;
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const erasing_settings *s = config;
    cvy_box box;

    (void)work;
    if (!cvy_draw_erased(dice, &s->factor, &s->scale, form->height, form->width, &box))
        return;
    for (size_t y = box.top; y < box.bottom; y++)
        for (size_t x = box.left; x < box.right; x++)
            for (size_t c = 0; c < form->channels; c++)
                image[(y * form->width + x) * form->channels + c] =
                    (uint8_t)lround(cvy_draw_erasure(dice, s->fill_value, 0, 255));
}

const cvy_augmentation_kind cvy_random_erasing = {
    .kind = { .name = "random_erasing",
              .summary = "erase a rectangle",
              .settings = settings,
              .settings_size = sizeof(erasing_settings) },
    .check = check,
    .change = change,
};
